"""Payouts: money leaves an account's balance for its bank."""

from sandbox.errors import refused
from sandbox.listing import list_objects
from sandbox.objects import balance
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

_ARRIVES_AFTER = 2 * 86_400
_ABSENT = (
    "application_fee application_fee_amount failure_balance_transaction failure_code"
    " failure_message original_payout payout_method reversed_by trace_id"
)


@endpoint("POST", "/payouts")
def create(unit: Unit, params: Params) -> Json:
    """Pay out of the balance of the platform or of the connected account in the header."""
    params.only(("amount", "currency", "metadata", "description", "statement_descriptor", "method"))
    amount, currency = params.amount(), params.currency()
    if amount is None:
        raise params.absent("amount")
    metadata = params.metadata()
    account = unit.caller.account
    balance.lock_balance(unit, account)
    available = balance.totals(unit, account).get(currency, (0, 0))[0]
    if amount > available:
        raise refused(
            f"Insufficient funds: {available} {currency} is available.", code="balance_insufficient"
        )
    data: Json = {
        "id": new_id("po"),
        "object": "payout",
        **nulls(_ABSENT),
        "amount": amount,
        "arrival_date": unit.now + _ARRIVES_AFTER,
        "automatic": False,
        "balance_transaction": None,
        "created": unit.now,
        "currency": currency,
        "description": params.text("description"),
        "destination": new_id("ba"),
        "livemode": False,
        "metadata": metadata,
        "method": params.choice("method", ("standard", "instant")) or "standard",
        "reconciliation_status": "not_applicable",
        "source_type": "card",
        "statement_descriptor": params.text("statement_descriptor"),
        "status": "pending",
        "type": "bank_account",
    }
    record = unit.add(data, account=account, due=data["arrival_date"])
    data["balance_transaction"] = balance.move(
        unit, "payout", -amount, currency, record.id, account=account
    ).id
    unit.emit("payout.created", record)
    return data


def arrive(unit: Unit, payout: Record) -> None:
    """The bank has the money."""
    payout.due = None
    payout.data["status"] = "paid"
    unit.changed(payout)
    unit.emit("payout.paid", payout)


def give_back(unit: Unit, payout: Record, status: str) -> None:
    """A locked payout `failed` or was `canceled`: the money returns to the balance."""
    if payout.data["status"] not in ("pending", "in_transit", "paid"):
        raise refused(f"This payout is already {payout.data['status']}.")
    payout.due = None
    data = payout.data
    kind = "payout_cancel" if status == "canceled" else "payout_failure"
    move = balance.move(
        unit,
        kind,
        data["amount"],
        data["currency"],
        payout.id,
        account=payout.account,
        category="payout_reversal",
    )
    data |= {"status": status, "failure_balance_transaction": move.id}
    if status == "failed":
        data |= {
            "failure_code": "could_not_process",
            "failure_message": "The bank could not process this payout.",
        }
    unit.changed(payout)
    unit.emit(f"payout.{status}", payout)


@endpoint("GET", "/payouts")
def list_payouts(unit: Unit, params: Params) -> Json:
    """List by status and time."""
    return list_objects(unit, params, "payout", "/v1/payouts", filters=("status",))


@endpoint("GET", "/payouts/<payout>")
def retrieve(unit: Unit, params: Params, payout: str) -> Json:
    """One payout."""
    params.only(())
    return require(unit, "payout", payout).data


@endpoint("POST", "/payouts/<payout>/cancel")
def cancel(unit: Unit, params: Params, payout: str) -> Json:
    """Stop a payout that is still pending."""
    params.only(())
    record = require(unit, "payout", payout, lock=True)
    if record.data["status"] != "pending":
        raise refused("Only pending payouts can be canceled.")
    give_back(unit, record, "canceled")
    return record.data

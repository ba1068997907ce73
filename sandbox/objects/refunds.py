"""Refunds: money back to the card, never more than was taken."""

from sandbox.errors import refused
from sandbox.listing import list_objects
from sandbox.objects import balance
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
_SETTLES_AFTER = 3600
_ABSENT = (
    "balance_transaction customer customer_account reason receipt_number"
    " source_transfer_reversal transfer_reversal"
)


def _charge_of(unit: Unit, params: Params) -> Record:
    """The locked charge that the refund takes from, named itself or by its payment intent."""
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")
    if intent_id:
        intent = require(unit, "payment_intent", intent_id, param="payment_intent")
        charge_id = intent.data["latest_charge"]
        if intent.data["status"] != "succeeded" or not charge_id:
            raise refused(
                "This PaymentIntent does not have a successful charge to refund.",
                param="payment_intent",
            )
    if not charge_id:
        raise params.absent("payment_intent")
    charge = require(unit, "charge", charge_id, lock=True, param="charge")
    if charge.data["status"] != "succeeded" or not charge.data["captured"]:
        raise refused("This charge has not succeeded.", param="charge")
    return charge


def _check(record: Record, amount: int | None) -> int:
    charge = record.data
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"] and not record.internal.get("won"):
        raise refused("The charge is disputed and cannot be refunded.", code="charge_disputed")
    if left <= 0:
        raise refused(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount is not None and amount > left:
        raise refused(
            f"Refund amount ({amount}) is greater than what is left of the charge ({left}).",
            param="amount",
        )
    return amount or left


@endpoint("POST", "/refunds")
def create(unit: Unit, params: Params) -> Json:
    """Refund all that is left of a charge, or a part; parallel refunds wait for each other."""
    params.only(("charge", "payment_intent", "amount", "reason", "metadata", "instructions_email"))
    wanted, metadata = params.amount(), params.metadata()
    reason = params.choice("reason", _REASONS)
    charge = _charge_of(unit, params)
    amount = _check(charge, wanted)
    fate = charge.internal.get("fate")
    data = _blank(unit, charge.data, amount) | {"metadata": metadata, "reason": reason}
    if fate == "refund:pending":
        data["status"] = "pending"
    later = unit.now + _SETTLES_AFTER if fate in ("refund:pending", "refund:fails") else None
    record = unit.add(data, account=charge.account, internal={"fate": fate}, due=later)
    data["balance_transaction"] = balance.move(
        unit,
        "refund",
        -amount,
        data["currency"],
        record.id,
        available_on=max(unit.now, int(charge.internal.get("available_on", 0))),
        account=charge.account,
    ).id
    charge.data["amount_refunded"] += amount
    charge.data["refunded"] = charge.data["amount_refunded"] == charge.data["amount"]
    unit.changed(charge)
    unit.emit("refund.created", record)
    unit.emit("charge.refunded", charge)
    return data


def _blank(unit: Unit, charge: Json, amount: int) -> Json:
    reference = {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    return {
        "id": new_id("re"),
        "object": "refund",
        **nulls(_ABSENT),
        "amount": amount,
        "charge": charge["id"],
        "created": unit.now,
        "currency": charge["currency"],
        "destination_details": {"card": reference, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "status": "succeeded",
    }


def settle(unit: Unit, refund: Record) -> None:
    """What the test card announced happens: a pending refund succeeds, or a refund fails."""
    refund.due = None
    data = refund.data
    before = {"status": data["status"]}
    unit.changed(refund)
    if refund.internal.get("fate") == "refund:pending":
        data["status"] = "succeeded"
        unit.emit("refund.updated", refund, before=before)
        unit.emit("charge.refund.updated", refund, before=before)
        return
    data |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    data["failure_balance_transaction"] = balance.move(
        unit, "refund_failure", data["amount"], data["currency"], refund.id, account=refund.account
    ).id
    charge = require(unit, "charge", data["charge"], lock=True)
    charge.data["amount_refunded"] -= data["amount"]
    charge.data["refunded"] = False
    unit.changed(charge)
    for kind in ("refund.failed", "refund.updated", "charge.refund.updated"):
        unit.emit(kind, refund, before=None if kind == "refund.failed" else before)


@endpoint("GET", "/refunds")
def list_refunds(unit: Unit, params: Params) -> Json:
    """List by charge, payment intent and time."""
    filters = ("charge", "payment_intent")
    return list_objects(unit, params, "refund", "/v1/refunds", filters=filters)


@endpoint("GET", "/charges/<charge>/refunds")
def list_of_charge(unit: Unit, params: Params, charge: str) -> Json:
    """The refunds of one charge."""
    require(unit, "charge", charge)
    url = f"/v1/charges/{charge}/refunds"
    return list_objects(unit, params, "refund", url, fixed={"charge": charge})


@endpoint("GET", "/refunds/<refund>")
def retrieve(unit: Unit, params: Params, refund: str) -> Json:
    """One refund."""
    params.only(())
    return require(unit, "refund", refund).data


@endpoint("POST", "/refunds/<refund>")
def update(unit: Unit, params: Params, refund: str) -> Json:
    """Change the metadata."""
    params.only(("metadata",))
    record = require(unit, "refund", refund, lock=True)
    before = {"metadata": dict(record.data["metadata"])}
    record.data["metadata"] = params.metadata(record.data["metadata"])
    unit.changed(record)
    unit.emit("refund.updated", record, before=before)
    unit.emit("charge.refund.updated", record, before=before)
    return record.data

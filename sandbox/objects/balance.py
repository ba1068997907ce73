"""Balance and balance transactions: every movement of money over an account, with its fee."""

from sandbox.listing import list_objects
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json
from sandbox.store import Record, Unit, new_id

SETTLEMENT_SECONDS = 2 * 86_400
_CATEGORIES = {"payment": "charge", "payout_failure": "payout_reversal"}


def card_fee(amount: int) -> int:
    """1.5 % rounded half up, and 25 minor units."""
    return (amount * 15 + 500) // 1000 + 25


def _fee_details(fee: int, currency: str) -> list[Json]:
    what = {"application": None, "description": "Processing fees", "type": "stripe_fee"}
    return [{"amount": fee, "currency": currency, **what}]


def move(
    unit: Unit,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    *,
    fee: int = 0,
    available_on: int | None = None,
    account: str | None = None,
    category: str | None = None,
    description: str | None = None,
) -> Record:
    """Enter one balance transaction; `amount` is signed, seen from the account."""
    data: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": unit.now if available_on is None else available_on,
        "balance_type": "payments",
        "created": unit.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": _fee_details(fee, currency) if fee else [],
        "net": amount - fee,
        "reporting_category": category or _CATEGORIES.get(kind, kind),
        "source": source,
        "status": "pending",
        "type": kind,
    }
    return unit.add(data, account=account)


def totals(unit: Unit, account: str | None) -> dict[str, tuple[int, int]]:
    """Available and pending minor units by currency of one account."""
    unit.flush()
    rows = unit.connection.execute(
        "SELECT data ->> 'currency',"
        " coalesce(sum((data ->> 'net')::bigint)"
        "  FILTER (WHERE (data ->> 'available_on')::bigint <= %s), 0)::bigint,"
        " coalesce(sum((data ->> 'net')::bigint)"
        "  FILTER (WHERE (data ->> 'available_on')::bigint > %s), 0)::bigint "
        "FROM sandbox.object WHERE type = 'balance_transaction'"
        " AND account IS NOT DISTINCT FROM %s GROUP BY 1 ORDER BY 1",
        (unit.now, unit.now, account),
    ).fetchall()
    return {currency: (available, pending) for currency, available, pending in rows}


def lock_balance(unit: Unit, account: str | None) -> None:
    """Serialise the decisions that depend on an account's balance."""
    unit.lock_name(f"sandbox balance {account or 'platform'}")


@endpoint("GET", "/balance")
def retrieve_balance(unit: Unit, params: Params) -> Json:
    """The balance of the platform or of the connected account in the header."""
    params.only(())
    sums = totals(unit, unit.caller.account) or {"eur": (0, 0)}

    def amounts(index: int) -> list[Json]:
        return [
            {"amount": pair[index], "currency": currency, "source_types": {"card": pair[index]}}
            for currency, pair in sums.items()
        ]

    body: Json = {
        "object": "balance",
        "available": amounts(0),
        "livemode": False,
        "pending": amounts(1),
    }
    if unit.caller.account is None:
        body["connect_reserved"] = [{"amount": 0, "currency": currency} for currency in sums]
    return body


@endpoint("GET", "/balance_transactions")
def list_balance_transactions(unit: Unit, params: Params) -> Json:
    """List by type, source, currency, payout and time."""
    filters = ("type", "source", "currency")
    url = "/v1/balance_transactions"
    return list_objects(unit, params, "balance_transaction", url, filters=filters)


@endpoint("GET", "/balance_transactions/<txn>")
def retrieve_balance_transaction(unit: Unit, params: Params, txn: str) -> Json:
    """One balance transaction."""
    params.only(())
    return require(unit, "balance_transaction", txn).data

"""Transfers from the platform to connected accounts, and their reversals."""

from sandbox.errors import invalid, refused
from sandbox.listing import list_objects, list_of
from sandbox.objects import balance, charges
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

_CREATE = (
    *("amount", "currency", "destination", "source_transaction", "transfer_group"),
    *("metadata", "description", "source_type"),
)


def _destination(unit: Unit, params: Params) -> Record:
    name = params.required("destination")
    account = unit.get(name)
    if account is None or account.type != "account":
        raise invalid(
            f"No such destination: '{name}'", param="destination", code="resource_missing"
        )
    if account.data["capabilities"].get("transfers") != "active":
        raise refused(
            "The destination account needs the capability transfers to be active.",
            code="insufficient_capabilities_for_transfer",
        )
    return account


def _check_source(unit: Unit, source: Record, amount: int, currency: str) -> None:
    """Transfers out of one charge never exceed it."""
    charge = source.data
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise refused("The source transaction has not succeeded.", param="source_transaction")
    if charge["currency"] != currency:
        raise invalid("The currency must be that of the source transaction.", param="currency")
    used = unit.connection.execute(
        "SELECT coalesce(sum((data ->> 'amount')::bigint - (data ->> 'amount_reversed')::bigint),"
        " 0)::bigint FROM sandbox.object"
        " WHERE type = 'transfer' AND data ->> 'source_transaction' = %s",
        (source.id,),
    ).fetchone()
    if used is not None and used[0] + amount > charge["amount_captured"]:
        raise refused(
            "Transfers using this transaction as a source must not exceed its amount "
            f"({charge['amount_captured']}); {used[0]} is already transferred.",
            code="transfer_source_balance_parameters_mismatch",
        )


def _check_balance(unit: Unit, amount: int, currency: str) -> None:
    balance.lock_balance(unit, None)
    available = balance.totals(unit, None).get(currency, (0, 0))[0]
    if amount > available:
        raise refused(
            f"Insufficient funds: {available} {currency} is available.", code="balance_insufficient"
        )


@endpoint("POST", "/transfers")
def create(unit: Unit, params: Params) -> Json:
    """Move money to a connected account, from a charge or from the available balance."""
    params.only(_CREATE)
    amount, currency = params.amount(), params.currency()
    if amount is None:
        raise params.absent("amount")
    metadata = params.metadata()
    account = _destination(unit, params)
    source_id, group = params.text("source_transaction"), params.text("transfer_group")
    available_on = unit.now
    if source_id:
        source = require(unit, "charge", source_id, lock=True, param="source_transaction")
        unit.flush()
        _check_source(unit, source, amount, currency)
        available_on = max(unit.now, int(source.internal.get("available_on", 0)))
        own = source.data["transfer_group"]
        group = group or own
    else:
        _check_balance(unit, amount, currency)
    payment = _payment(unit, account, amount, currency, available_on)
    data = _blank(unit, payment.data, amount) | {
        "description": params.text("description"),
        "destination": account.id,
        "metadata": metadata,
        "source_transaction": source_id,
        "transfer_group": group,
    }
    payment.data["source_transfer"] = data["id"]
    record = unit.add(data)
    data["balance_transaction"] = balance.move(
        unit, "transfer", -amount, currency, record.id, available_on=available_on
    ).id
    unit.emit("transfer.created", record)
    return data


def _blank(unit: Unit, payment: Json, amount: int) -> Json:
    identifier = new_id("tr")
    return {
        "id": identifier,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": unit.now,
        "currency": payment["currency"],
        "destination_payment": payment["id"],
        "livemode": False,
        "reversals": list_of(f"/v1/transfers/{identifier}/reversals", []),
        "reversed": False,
        "source_type": "card",
    }


def _payment(unit: Unit, account: Record, amount: int, currency: str, available_on: int) -> Record:
    """The other side of a transfer: a payment in the connected account."""
    data = charges.blank(unit, amount, currency, prefix="py")
    data |= {"amount_captured": amount, "captured": True, "paid": True, "status": "succeeded"}
    record = unit.add(data, account=account.id)
    data["balance_transaction"] = balance.move(
        unit, "payment", amount, currency, record.id, available_on=available_on, account=account.id
    ).id
    return record


@endpoint("GET", "/transfers")
def list_transfers(unit: Unit, params: Params) -> Json:
    """List by destination, transfer group and time."""
    filters = ("destination", "transfer_group")
    return list_objects(unit, params, "transfer", "/v1/transfers", filters=filters)


@endpoint("GET", "/transfers/<transfer>")
def retrieve(unit: Unit, params: Params, transfer: str) -> Json:
    """One transfer."""
    params.only(())
    return require(unit, "transfer", transfer).data


@endpoint("POST", "/transfers/<transfer>")
def update(unit: Unit, params: Params, transfer: str) -> Json:
    """Change description and metadata."""
    params.only(("description", "metadata"))
    record = require(unit, "transfer", transfer, lock=True)
    before = {name: record.data[name] for name in params.names() if name in record.data}
    record.data["metadata"] = params.metadata(record.data["metadata"])
    if "description" in params:
        record.data["description"] = params.text("description")
    unit.changed(record)
    unit.emit("transfer.updated", record, before=before)
    return record.data


@endpoint("POST", "/transfers/<transfer>/reversals")
def reverse(unit: Unit, params: Params, transfer: str) -> Json:
    """Take money of a transfer back, if the connected account still has it."""
    params.only(("amount", "metadata", "description"))
    wanted, metadata = params.amount(), params.metadata()
    record = require(unit, "transfer", transfer, lock=True)
    data = record.data
    left = data["amount"] - data["amount_reversed"]
    amount = wanted or left
    if amount > left or left == 0:
        raise refused(
            f"Reversal amount ({amount}) is greater than the unreversed amount ({left}).",
            param="amount",
        )
    balance.lock_balance(unit, data["destination"])
    held = sum(balance.totals(unit, data["destination"]).get(data["currency"], (0, 0)))
    if amount > held:
        raise refused(
            "The connected account does not have enough funds for this reversal.",
            code="balance_insufficient",
        )
    return _reverse(unit, record, amount, metadata)


def _reverse(unit: Unit, transfer: Record, amount: int, metadata: Json) -> Json:
    data = transfer.data
    refund = _payment_refund(unit, transfer, amount)
    reversal: Json = {
        "id": new_id("trr"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": unit.now,
        "currency": data["currency"],
        "destination_payment_refund": refund.id,
        "metadata": metadata,
        "source_refund": None,
        "transfer": transfer.id,
    }
    refund.data["source_transfer_reversal"] = reversal["id"]
    record = unit.add(reversal)
    reversal["balance_transaction"] = balance.move(
        unit, "transfer_refund", amount, data["currency"], record.id, category="transfer_reversal"
    ).id
    data["amount_reversed"] += amount
    data["reversed"] = data["amount_reversed"] == data["amount"]
    shown = data["reversals"]
    shown["data"] = [dict(reversal), *shown["data"]][:10]
    shown["has_more"] = len(shown["data"]) == 10
    unit.changed(transfer)
    unit.emit("transfer.reversed", transfer)
    return reversal


def _payment_refund(unit: Unit, transfer: Record, amount: int) -> Record:
    """The other side of a reversal: a refund in the connected account."""
    account, currency = transfer.data["destination"], transfer.data["currency"]
    payment = unit.get(transfer.data["destination_payment"], lock=True)
    if payment is None:
        raise RuntimeError(f"{transfer.id} has no payment at its destination")
    payment.data["amount_refunded"] += amount
    payment.data["refunded"] = payment.data["amount_refunded"] == payment.data["amount"]
    unit.changed(payment)
    absent = (
        "customer customer_account destination_details payment_intent payment_method reason"
        " receipt_number source_transfer_reversal transfer_reversal"
    )
    data: Json = {
        "id": new_id("pyr"),
        "object": "refund",
        **nulls(absent),
        "amount": amount,
        "balance_transaction": None,
        "charge": payment.id,
        "created": unit.now,
        "currency": currency,
        "metadata": {},
        "status": "succeeded",
    }
    record = unit.add(data, account=account)
    data["balance_transaction"] = balance.move(
        unit, "payment_refund", -amount, currency, record.id, account=account, category="refund"
    ).id
    return record


@endpoint("GET", "/transfers/<transfer>/reversals")
def list_reversals(unit: Unit, params: Params, transfer: str) -> Json:
    """The reversals of one transfer."""
    require(unit, "transfer", transfer)
    url = f"/v1/transfers/{transfer}/reversals"
    return list_objects(unit, params, "transfer_reversal", url, fixed={"transfer": transfer})


@endpoint("GET", "/transfers/<transfer>/reversals/<reversal>")
def retrieve_reversal(unit: Unit, params: Params, transfer: str, reversal: str) -> Json:
    """One reversal."""
    params.only(())
    require(unit, "transfer", transfer)
    return require(unit, "transfer_reversal", reversal).data

"""Charges: one per attempt to take money."""

from sandbox import cards
from sandbox.cards import Card
from sandbox.listing import list_objects
from sandbox.objects import balance, disputes
from sandbox.objects.finding import require
from sandbox.objects.payment_methods import card_of
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id


def _outcome(card: Card, decline: tuple[str, str | None] | None) -> Json:
    outcome: Json = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": "Payment complete.",
        "type": "authorized",
    }
    if decline:
        outcome |= {
            "network_status": "not_sent_to_network" if card.blocked else "declined_by_network",
            "reason": "highest_risk_level" if card.blocked else cards.message_key(decline),
            "risk_level": "highest" if card.blocked else "normal",
            "risk_score": 92 if card.blocked else 12,
            "seller_message": cards.MESSAGES[cards.message_key(decline)],
            "type": "blocked" if card.blocked else "issuer_declined",
        }
    return outcome


def _method_details(method: Record, amount: int, challenged: bool) -> Json:
    shown = method.data["card"]
    secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    card = {
        "amount_authorized": amount,
        "brand": shown["brand"],
        "checks": shown["checks"],
        "country": shown["country"],
        "exp_month": shown["exp_month"],
        "exp_year": shown["exp_year"],
        "extended_authorization": {"status": "disabled"},
        "fingerprint": shown["fingerprint"],
        "funding": shown["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": shown["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": shown["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": secure if challenged else None,
        "wallet": None,
    }
    return {"card": card, "type": "card"}


def blank(unit: Unit, amount: int, currency: str, *, prefix: str = "ch") -> Json:
    """The fields of a charge before anything is known about it."""
    absent = nulls(
        "application application_fee application_fee_amount balance_transaction"
        " calculated_statement_descriptor customer description failure_balance_transaction"
        " failure_code failure_message on_behalf_of outcome payment_intent payment_method"
        " payment_method_details receipt_email receipt_number receipt_url review shipping source"
        " source_transfer statement_descriptor statement_descriptor_suffix transfer_data"
        " transfer_group"
    )
    return {
        "id": new_id(prefix),
        "object": "charge",
        **absent,
        "amount": amount,
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {},
        "captured": False,
        "created": unit.now,
        "currency": currency,
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "paid": False,
        "refunded": False,
        "status": "pending",
    }


def attempt(
    unit: Unit, intent: Json, method: Record, *, captured: bool, challenged: bool
) -> tuple[Record, tuple[str, str | None] | None]:
    """Try to charge a card for an intent: the charge, and the reason if it was declined."""
    card = card_of(method)
    decline = card.decline
    data = blank(unit, intent["amount"], intent["currency"])
    for name in ("customer", "description", "metadata", "on_behalf_of", "receipt_email"):
        data[name] = intent[name]
    data |= {
        "billing_details": method.data["billing_details"],
        "outcome": _outcome(card, decline),
        "payment_intent": intent["id"],
        "payment_method": method.id,
        "payment_method_details": _method_details(method, intent["amount"], challenged),
        "transfer_group": intent["transfer_group"] or f"group_{intent['id']}",
        "metadata": dict(intent["metadata"]),
    }
    record = unit.add(data, account=unit.caller.account, internal={"fate": card.fate})
    if decline:
        data |= {
            "status": "failed",
            "failure_code": decline[0],
            "failure_message": cards.MESSAGES[cards.message_key(decline)],
        }
        unit.emit("charge.failed", record)
        return record, decline
    data |= {"status": "succeeded", "paid": True, "captured": captured}
    if captured:
        settle(unit, record, intent["amount"])
    unit.emit("charge.succeeded", record)
    if captured:
        disputes.open_if_fated(unit, record)
    return record, None


def settle(unit: Unit, record: Record, amount: int) -> None:
    """Enter the captured money, less the fee, into the balance."""
    data = record.data
    data |= {"captured": True, "amount_captured": amount}
    at_once = record.internal.get("fate") == "available"
    transaction = balance.move(
        unit,
        "charge",
        amount,
        data["currency"],
        record.id,
        fee=balance.card_fee(amount),
        available_on=unit.now + (0 if at_once else balance.SETTLEMENT_SECONDS),
        account=record.account,
        description=data["description"],
    )
    record.internal["available_on"] = transaction.data["available_on"]
    data["balance_transaction"] = transaction.id
    unit.changed(record)


@endpoint("GET", "/charges")
def list_charges(unit: Unit, params: Params) -> Json:
    """List by payment intent, transfer group, customer and time."""
    filters = ("payment_intent", "transfer_group", "customer")
    return list_objects(unit, params, "charge", "/v1/charges", filters=filters)


@endpoint("GET", "/charges/<charge>")
def retrieve(unit: Unit, params: Params, charge: str) -> Json:
    """One charge."""
    params.only(())
    return require(unit, "charge", charge).data


@endpoint("POST", "/charges/<charge>")
def update(unit: Unit, params: Params, charge: str) -> Json:
    """Change description, metadata or transfer group."""
    params.only(("description", "metadata", "transfer_group", "receipt_email"))
    record = require(unit, "charge", charge, lock=True)
    before = {name: record.data[name] for name in params.names() if name in record.data}
    record.data["metadata"] = params.metadata(record.data["metadata"])
    for name in ("description", "transfer_group", "receipt_email"):
        if name in params:
            record.data[name] = params.text(name)
    unit.changed(record)
    unit.emit("charge.updated", record, before=before)
    return record.data

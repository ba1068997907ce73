"""Disputes: the bank takes a payment back; opened by test card or by the control surface."""

from sandbox.errors import refused
from sandbox.listing import list_objects
from sandbox.objects import balance
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json, names
from sandbox.store import Record, Unit, new_id

DISPUTE_FEE = 2000
_ANSWER_WITHIN = 9 * 86_400
_OPEN = ("needs_response", "under_review")
_EVIDENCE = names(
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure"
    " cancellation_rebuttal customer_communication customer_email_address customer_name"
    " customer_purchase_ip customer_signature duplicate_charge_documentation"
    " duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy"
    " refund_policy_disclosure refund_refusal_explanation service_date service_documentation"
    " shipping_address shipping_carrier shipping_date shipping_documentation"
    " shipping_tracking_number uncategorized_file uncategorized_text"
)
_REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}


def open_if_fated(unit: Unit, charge: Record) -> None:
    """Open the dispute that a test card announces."""
    fate = str(charge.internal.get("fate") or "")
    if fate.startswith("dispute:"):
        open_dispute(unit, charge, fate.removeprefix("dispute:"))


def open_dispute(unit: Unit, charge: Record, reason: str, amount: int | None = None) -> Record:
    """Dispute what is left of a charge, or less: the money and a fee leave the balance at once."""
    if charge.data["disputed"]:
        raise refused("The charge is already disputed", code="charge_disputed")
    data = _blank(unit, charge, reason)
    if amount is not None and not 0 < amount <= data["amount"]:
        raise refused("A dispute is about a part of what is left of the charge.")
    data["amount"] = amount or data["amount"]
    due = data["evidence_details"]["due_by"]
    record = unit.add(data, account=charge.account, due=due)
    charge.data["disputed"] = True
    unit.changed(charge)
    _enter(unit, record, -record.data["amount"], DISPUTE_FEE, "dispute")
    unit.emit("charge.dispute.created", record)
    unit.emit("charge.dispute.funds_withdrawn", record)
    return record


def _blank(unit: Unit, charge: Record, reason: str) -> Json:
    amount = charge.data["amount_captured"] - charge.data["amount_refunded"]
    brand = charge.data["payment_method_details"]["card"]["brand"]
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge.id,
        "created": unit.now,
        "currency": charge.data["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": unit.now + _ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge.data["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand,
                "case_type": "chargeback",
                "network": brand,
                "network_reason_code": _REASON_CODES.get(reason, "10.4"),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def _enter(unit: Unit, dispute: Record, amount: int, fee: int, category: str) -> None:
    transaction = balance.move(
        unit,
        "adjustment",
        amount,
        dispute.data["currency"],
        dispute.id,
        fee=fee,
        account=dispute.account,
        category=category,
        description=f"Chargeback of {dispute.data['charge']}",
    )
    dispute.data["balance_transactions"].append({**transaction.data, "status": "available"})
    unit.changed(dispute)


def let_expire(unit: Unit, dispute: Record) -> None:
    """End a dispute that nobody answered in time: it is lost."""
    dispute.due = None
    unit.changed(dispute)
    if dispute.data["status"] == "needs_response":
        dispute.data["evidence_details"]["past_due"] = True
        decide(unit, dispute, "lost")


def decide(unit: Unit, dispute: Record, status: str) -> None:
    """End a dispute as `won` (the money and the fee come back) or `lost`."""
    if dispute.data["status"] not in _OPEN:
        raise refused(f"This dispute is already {dispute.data['status']}")
    dispute.data["status"] = status
    dispute.due = None
    unit.changed(dispute)
    unit.emit("charge.dispute.closed", dispute)
    if status == "won":  # the charge stays disputed, and may be given back again
        charge = require(unit, "charge", dispute.data["charge"], lock=True)
        charge.internal["won"] = True
        unit.changed(charge)
        _enter(unit, dispute, dispute.data["amount"], -DISPUTE_FEE, "dispute_reversal")
        unit.emit("charge.dispute.funds_reinstated", dispute)


@endpoint("GET", "/disputes")
def list_disputes(unit: Unit, params: Params) -> Json:
    """List by charge, payment intent and time."""
    filters = ("charge", "payment_intent")
    return list_objects(unit, params, "dispute", "/v1/disputes", filters=filters)


@endpoint("GET", "/disputes/<dispute>")
def retrieve(unit: Unit, params: Params, dispute: str) -> Json:
    """One dispute."""
    params.only(())
    return require(unit, "dispute", dispute).data


@endpoint("POST", "/disputes/<dispute>")
def update(unit: Unit, params: Params, dispute: str) -> Json:
    """Add evidence; with `submit` it goes to the bank.

    As in Stripe's test mode the text `winning_evidence` wins and `losing_evidence` loses.
    """
    params.only(("evidence", "metadata", "submit"))
    evidence = params.nested("evidence")
    evidence.only(_EVIDENCE)
    texts = {name: evidence.text(name, at_most=20_000) for name in evidence.names()}
    record = require(unit, "dispute", dispute, lock=True)
    if record.data["status"] not in _OPEN:
        raise refused(f"This dispute is already {record.data['status']}")
    record.data["evidence"].update(texts)
    record.data["metadata"] = params.metadata(record.data["metadata"])
    record.data["evidence_details"]["has_evidence"] |= bool(texts)
    submit = "submit" not in params or params.flag("submit")
    if submit and texts:
        record.data["evidence_details"]["submission_count"] += 1
        record.data["evidence_details"]["submission_method"] = "manual"
        record.data["status"] = "under_review"
    unit.changed(record)
    unit.emit("charge.dispute.updated", record, before={})
    verdict = {"winning_evidence": "won", "losing_evidence": "lost"}.get(
        texts.get("uncategorized_text") or ""
    )
    if submit and verdict:
        decide(unit, record, verdict)
    return record.data


@endpoint("POST", "/disputes/<dispute>/close")
def close(unit: Unit, params: Params, dispute: str) -> Json:
    """Accept the dispute: it is lost."""
    params.only(())
    record = require(unit, "dispute", dispute, lock=True)
    decide(unit, record, "lost")
    return record.data

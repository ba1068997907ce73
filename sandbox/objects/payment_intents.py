"""Payment intents: one payment from the wish to the money."""

from sandbox.errors import invalid, refused
from sandbox.listing import list_objects
from sandbox.objects import charges, payment_methods
from sandbox.objects.finding import require
from sandbox.objects.intent_states import (
    CANCELABLE,
    CONFIRMABLE,
    attempt,
    cancel,
    new_intent,
    unexpected_state,
)
from sandbox.params import Params, check_charge_amount
from sandbox.routing import endpoint
from sandbox.shapes import Json
from sandbox.store import Record, Unit

_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
_DESCRIPTIVE = ("description", "receipt_email", "transfer_group", "customer")
_WITH_CONFIRM = ("payment_method", "payment_method_data", "return_url", "off_session")
_CREATE = (
    *("amount", "currency", "capture_method", "confirm", "confirmation_method", "metadata"),
    *("payment_method_types", "automatic_payment_methods", "setup_future_usage"),
    *("statement_descriptor", "statement_descriptor_suffix"),
    *_DESCRIPTIVE,
    *_WITH_CONFIRM,
)


def _method_in(unit: Unit, params: Params) -> Record | None:
    if "payment_method_data" in params:
        return payment_methods.from_data(unit, params.nested("payment_method_data"))
    name = params.text("payment_method")
    return payment_methods.resolve(unit, name) if name else None


@endpoint("POST", "/payment_intents")
def create(unit: Unit, params: Params) -> Json:
    """Make a payment intent; with `confirm` try to take the money at once."""
    params.only(_CREATE)
    amount = params.amount()
    if amount is None:
        raise params.absent("amount")
    capture = params.choice("capture_method", ("automatic", "automatic_async", "manual"))
    more = {name: params.text(name) for name in _DESCRIPTIVE if name in params}
    if params.nested("automatic_payment_methods").flag("enabled"):
        more["automatic_payment_methods"] = {"enabled": True}  # type: ignore[assignment]  # JSON
    currency, metadata = params.currency(), params.metadata()
    check_charge_amount(amount, currency)
    method = _method_in(unit, params)
    intent = new_intent(
        unit, amount, currency, capture_method=capture, metadata=metadata, more=dict(more)
    )
    if method:
        intent.data |= {"payment_method": method.id, "status": "requires_confirmation"}
    if params.flag("confirm"):
        _confirm(unit, intent, method, params)
    return intent.data


def _confirm(unit: Unit, intent: Record, method: Record | None, params: Params) -> None:
    if method is None and intent.data["payment_method"]:
        method = unit.get(intent.data["payment_method"])
    if intent.data["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    if method is None:
        raise invalid(
            "A payment method is needed to confirm this PaymentIntent.",
            param="payment_method",
            code="payment_intent_unexpected_state",
        )
    error = attempt(unit, intent, method, return_url=params.text("return_url"))
    if error:
        raise error


@endpoint("GET", "/payment_intents")
def list_intents(unit: Unit, params: Params) -> Json:
    """List by customer and time."""
    return list_objects(
        unit, params, "payment_intent", "/v1/payment_intents", filters=("customer",)
    )


@endpoint("GET", "/payment_intents/<intent>")
def retrieve(unit: Unit, params: Params, intent: str) -> Json:
    """One payment intent."""
    params.only(("client_secret",))
    return require(unit, "payment_intent", intent).data


@endpoint("POST", "/payment_intents/<intent>")
def update(unit: Unit, params: Params, intent: str) -> Json:
    """Change the amount before payment, and what describes it at any time."""
    params.only(("amount", "metadata", "payment_method", *_DESCRIPTIVE))
    record = require(unit, "payment_intent", intent, lock=True)
    amount = params.amount()
    if amount is not None:
        if record.data["status"] not in CONFIRMABLE:
            raise unexpected_state(record, "updated")
        check_charge_amount(amount, record.data["currency"])
        record.data["amount"] = amount
    record.data["metadata"] = params.metadata(record.data["metadata"])
    for name in _DESCRIPTIVE:
        if name in params:
            record.data[name] = params.text(name)
    method = _method_in(unit, params)
    if method:
        record.data |= {"payment_method": method.id, "status": "requires_confirmation"}
    unit.changed(record)
    return record.data


@endpoint("POST", "/payment_intents/<intent>/confirm")
def confirm(unit: Unit, params: Params, intent: str) -> Json:
    """Take the money; parallel requests for one intent wait for each other."""
    params.only(_WITH_CONFIRM)
    record = require(unit, "payment_intent", intent, lock=True)
    _confirm(unit, record, _method_in(unit, params), params)
    return record.data


@endpoint("POST", "/payment_intents/<intent>/capture")
def capture(unit: Unit, params: Params, intent: str) -> Json:
    """Take what was authorised, or a part of it."""
    params.only(("amount_to_capture", "metadata"))
    record = require(unit, "payment_intent", intent, lock=True)
    data = record.data
    if data["status"] != "requires_capture":
        raise unexpected_state(record, "captured")
    amount = params.amount("amount_to_capture") or data["amount_capturable"]
    if amount > data["amount_capturable"]:
        raise refused("The amount is greater than what can be captured", param="amount_to_capture")
    charge = require(unit, "charge", data["latest_charge"], lock=True)
    charges.settle(unit, charge, amount)
    rest = charge.data["amount"] - amount
    charge.data["amount_refunded"] = rest
    data["metadata"] = params.metadata(data["metadata"])
    data |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    unit.changed(record)
    unit.emit("charge.captured", charge)
    unit.emit("payment_intent.succeeded", record)
    return data


@endpoint("POST", "/payment_intents/<intent>/cancel")
def cancel_intent(unit: Unit, params: Params, intent: str) -> Json:
    """Cancel; an intent of a Checkout Session ends with its session."""
    params.only(("cancellation_reason",))
    reason = params.choice("cancellation_reason", _REASONS)
    record = require(unit, "payment_intent", intent, lock=True)
    if record.internal.get("session") and record.data["status"] in CANCELABLE:
        raise refused(
            "This PaymentIntent belongs to a Checkout Session: expire the session instead.",
            code="payment_intent_unexpected_state",
        )
    cancel(unit, record, reason)
    return record.data

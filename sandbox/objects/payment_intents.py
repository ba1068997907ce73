"""Payment intents: the state machine of one payment."""

from sandbox import cards
from sandbox.errors import ApiError, invalid, refused
from sandbox.listing import list_objects
from sandbox.objects import charges, payment_methods
from sandbox.objects.finding import require
from sandbox.params import Params, check_charge_amount
from sandbox.routing import endpoint
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

_CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
_CANCELABLE = (*_CONFIRMABLE, "requires_capture", "processing")
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


def new_intent(
    unit: Unit,
    amount: int,
    currency: str,
    *,
    capture_method: str | None = None,
    metadata: Json | None = None,
    more: Json | None = None,
    session: str | None = None,
) -> Record:
    """Keep a new payment intent; `session` is the Checkout Session that owns it."""
    check_charge_amount(amount, currency)
    absent = nulls(
        "application application_fee_amount canceled_at cancellation_reason customer"
        " customer_account description excluded_payment_method_types last_payment_error"
        " latest_charge next_action on_behalf_of payment_method"
        " payment_method_configuration_details processing receipt_email review"
        " setup_future_usage shipping source statement_descriptor statement_descriptor_suffix"
        " transfer_data transfer_group automatic_payment_methods"
    )
    identifier = new_id("pi")
    data: Json = {
        "id": identifier,
        "object": "payment_intent",
        **absent,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": capture_method or "automatic_async",
        "client_secret": new_id(f"{identifier}_secret"),
        "confirmation_method": "automatic",
        "created": unit.now,
        "currency": currency,
        "livemode": False,
        "metadata": metadata or {},
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        **(more or {}),
    }
    record = unit.add(data, account=unit.caller.account, internal={"session": session})
    unit.emit("payment_intent.created", record)
    return record


def attempt(
    unit: Unit,
    intent: Record,
    method: Record,
    *,
    challenged: bool = False,
    return_url: str | None = None,
) -> ApiError | None:
    """Try to take the money of a locked intent; a decline comes back as the error to answer."""
    data = intent.data
    if data["status"] not in _CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    data |= {"payment_method": method.id, "next_action": None, "last_payment_error": None}
    unit.changed(intent)
    if payment_methods.card_of(method).challenge and not challenged:
        _ask_for_challenge(unit, intent, return_url)
        return None
    captured = data["capture_method"] != "manual"
    charge, decline = charges.attempt(unit, data, method, captured=captured, challenged=challenged)
    data["latest_charge"] = charge.id
    if decline:
        return fail(unit, intent, method, decline, charge=charge.id)
    if captured:
        data |= {"status": "succeeded", "amount_received": data["amount"]}
        unit.emit("payment_intent.succeeded", intent)
    else:
        data |= {"status": "requires_capture", "amount_capturable": data["amount"]}
        unit.emit("payment_intent.amount_capturable_updated", intent)
    return None


def _ask_for_challenge(unit: Unit, intent: Record, return_url: str | None) -> None:
    url = f"{unit.public_url}/3ds/{intent.id}"
    intent.internal["return_url"] = return_url
    intent.data |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": return_url, "url": url},
        },
    }
    unit.emit("payment_intent.requires_action", intent)


def fail(
    unit: Unit,
    intent: Record,
    method: Record,
    decline: tuple[str, str | None],
    *,
    charge: str | None = None,
) -> ApiError:
    """Put an intent back to `requires_payment_method` and say why."""
    code, decline_code = decline
    error = {
        "charge": charge,
        "code": code,
        "decline_code": decline_code,
        "message": cards.MESSAGES[cards.message_key(decline)],
        "payment_method": dict(method.data),
        "type": "card_error",
    }
    shown = {key: value for key, value in error.items() if value is not None}
    intent.data |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "last_payment_error": shown,
    }
    unit.changed(intent)
    unit.emit("payment_intent.payment_failed", intent)
    return ApiError(
        402,
        "card_error",
        str(error["message"]),
        code=code,
        saved=True,
        keeps_effects=True,
        charge=charge,
        decline_code=decline_code,
        payment_intent=dict(intent.data),
        payment_method=dict(method.data),
    )


def authenticate(unit: Unit, intent: Record, *, passed: bool) -> ApiError | None:
    """The shopper ended the 3-D Secure challenge of a locked intent."""
    if intent.data["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    method = unit.get(intent.data["payment_method"])
    if method is None:
        raise RuntimeError(f"{intent.id} has no payment method")
    if passed:
        return attempt(unit, intent, method, challenged=True)
    return fail(unit, intent, method, ("payment_intent_authentication_failure", None))


def cancel(unit: Unit, intent: Record, reason: str | None) -> None:
    """End a locked intent that has not been paid; an uncaptured charge is let go."""
    data = intent.data
    if data["status"] not in _CANCELABLE:
        raise unexpected_state(intent, "canceled")
    if data["status"] == "requires_capture":
        charge = unit.get(data["latest_charge"], lock=True)
        if charge is not None:
            charge.data |= {"refunded": True, "amount_refunded": charge.data["amount"]}
            unit.changed(charge)
            unit.emit("charge.refunded", charge)
    data |= {
        "status": "canceled",
        "canceled_at": unit.now,
        "cancellation_reason": reason,
        "amount_capturable": 0,
        "next_action": None,
    }
    unit.changed(intent)
    unit.emit("payment_intent.canceled", intent)


def unexpected_state(intent: Record, verb: str) -> ApiError:
    """The intent's status does not allow what was asked."""
    return ApiError(
        400,
        "invalid_request_error",
        f"This PaymentIntent could not be {verb} because its status is {intent.data['status']}.",
        code="payment_intent_unexpected_state",
        saved=True,
        payment_intent=dict(intent.data),
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
    if intent.data["status"] not in _CONFIRMABLE:
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
        if record.data["status"] not in _CONFIRMABLE:
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
    if record.internal.get("session") and record.data["status"] in _CANCELABLE:
        raise refused(
            "This PaymentIntent belongs to a Checkout Session: expire the session instead.",
            code="payment_intent_unexpected_state",
        )
    cancel(unit, record, reason)
    return record.data

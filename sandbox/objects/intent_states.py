"""The state machine of a payment intent; every function here changes a locked record."""

from sandbox import cards
from sandbox.errors import ApiError
from sandbox.objects import charges, payment_methods
from sandbox.params import check_charge_amount
from sandbox.shapes import Json, nulls
from sandbox.store import Record, Unit, new_id

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (*CONFIRMABLE, "requires_capture", "processing")
_ABSENT = (
    "application application_fee_amount canceled_at cancellation_reason customer customer_account"
    " description excluded_payment_method_types last_payment_error latest_charge next_action"
    " on_behalf_of payment_method payment_method_configuration_details processing receipt_email"
    " review setup_future_usage shipping source statement_descriptor statement_descriptor_suffix"
    " transfer_data transfer_group automatic_payment_methods"
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
    identifier = new_id("pi")
    data: Json = {
        "id": identifier,
        "object": "payment_intent",
        **nulls(_ABSENT),
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
    if data["status"] not in CONFIRMABLE:
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
    if data["status"] not in CANCELABLE:
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

"""Payment methods: only cards."""

from datetime import UTC, datetime

from sandbox import cards
from sandbox.cards import Card
from sandbox.errors import ApiError, invalid, missing
from sandbox.objects.finding import require
from sandbox.params import Params
from sandbox.routing import endpoint
from sandbox.shapes import Json
from sandbox.store import Record, Unit, new_id

_CHECKS = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def billing_details(email: str | None = None, name: str | None = None) -> Json:
    """Who pays, with an empty address."""
    parts = ("city", "country", "line1", "line2", "postal_code", "state")
    return {
        "address": dict.fromkeys(parts),
        "email": email,
        "name": name,
        "phone": None,
        "tax_id": None,
    }


def make(
    unit: Unit,
    card: Card,
    *,
    exp_month: int = 12,
    exp_year: int = 2034,
    email: str | None = None,
    name: str | None = None,
    metadata: Json | None = None,
) -> Record:
    """Keep a card as a payment method; the number itself stays with the sandbox."""
    data: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(email, name),
        "card": {
            "brand": card.brand,
            "checks": dict(_CHECKS),
            "country": "FR",
            "display_brand": card.brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": f"sandbox{card.last4}",
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": unit.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": metadata or {},
        "type": "card",
    }
    return unit.add(data, account=unit.caller.account, internal={"number": card.number})


def card_of(method: Record) -> Card:
    """The test card behind a payment method."""
    return cards.of_number(method.internal["number"])


def resolve(unit: Unit, name: str) -> Record:
    """A payment method by its identifier, or a new one for a `pm_card_...` name."""
    card = cards.of_token(name)
    if card is not None:
        return make(unit, card)
    record = unit.get(name)
    if record is None or record.type != "payment_method":
        raise missing("PaymentMethod", name, param="payment_method", status=400)
    return record


def from_data(unit: Unit, data: Params) -> Record:
    """A payment method from `card[number]`, `card[exp_month]`, `card[exp_year]`, `card[cvc]`."""
    if data.required("type") != "card":
        raise invalid("The sandbox knows only cards", param=data.name_of("type"))
    entered = data.nested("card")
    token = entered.text("token")
    if token:
        raise invalid("The sandbox takes card numbers, not tokens", param=entered.name_of("token"))
    card = cards.of_number(entered.required("number"))
    month, year = entered.integer("exp_month") or 0, entered.integer("exp_year") or 0
    check_expiry(unit, month, year)
    owner = data.nested("billing_details")
    return make(
        unit,
        card,
        exp_month=month,
        exp_year=year,
        email=owner.text("email"),
        name=owner.text("name"),
        metadata=data.metadata(),
    )


def check_expiry(unit: Unit, month: int, year: int) -> None:
    """Refuse an expiry date that is no month or lies in the past.

    :raises ApiError: code `invalid_expiry_month` or `invalid_expiry_year`.
    """
    today = datetime.fromtimestamp(unit.now, UTC)
    part = None
    if not 1 <= month <= 12:
        part = "month"
    elif not (today.year, today.month) <= (year, month) <= (today.year + 50, 12):
        part = "year"
    if part:
        raise ApiError(
            402,
            "card_error",
            cards.MESSAGES["invalid_expiry"],
            code=f"invalid_expiry_{part}",
            param=f"exp_{part}",
        )


@endpoint("POST", "/payment_methods")
def create(unit: Unit, params: Params) -> Json:
    """Make a payment method from a card number."""
    params.only(("type", "card", "billing_details", "metadata"))
    return from_data(unit, params).data


@endpoint("GET", "/payment_methods/<method>")
def retrieve(unit: Unit, params: Params, method: str) -> Json:
    """One payment method."""
    params.only(())
    return require(unit, "payment_method", method).data

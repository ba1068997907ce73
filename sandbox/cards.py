"""Stripe's test cards and what each one does."""

from dataclasses import dataclass

from sandbox.errors import invalid


@dataclass(frozen=True)
class Card:
    """A test card. `decline` is (code, decline_code); `fate` is what follows a successful charge.

    `challenge` asks for 3-D Secure first; `blocked` declines come from the risk rules.
    """

    number: str
    about: str
    brand: str = "visa"
    decline: tuple[str, str | None] | None = None
    challenge: bool = False
    blocked: bool = False
    fate: str | None = None

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


CARDS: tuple[Card, ...] = (
    Card("4242424242424242", "succeeds"),
    Card("5555555555554444", "succeeds (Mastercard)", brand="mastercard"),
    Card("378282246310005", "succeeds (American Express)", brand="amex"),
    Card("4000000000000077", "succeeds, funds available at once", fate="available"),
    Card("4000000000000002", "declined", decline=("card_declined", "generic_decline")),
    Card(
        "4000000000009995",
        "declined: insufficient funds",
        decline=("card_declined", "insufficient_funds"),
    ),
    Card("4000000000009987", "declined: lost card", decline=("card_declined", "lost_card")),
    Card("4000000000009979", "declined: stolen card", decline=("card_declined", "stolen_card")),
    Card("4000000000000069", "declined: expired card", decline=("expired_card", None)),
    Card("4000000000000127", "declined: wrong security code", decline=("incorrect_cvc", None)),
    Card("4000000000000119", "declined: processing error", decline=("processing_error", None)),
    Card(
        "4000000000006975",
        "declined: used too often",
        decline=("card_declined", "card_velocity_exceeded"),
    ),
    Card(
        "4000000000000341",
        "is accepted as a card, then declined",
        decline=("card_declined", "generic_decline"),
    ),
    Card(
        "4100000000000019",
        "blocked as fraudulent",
        decline=("card_declined", "fraudulent"),
        blocked=True,
    ),
    Card("4000002500003155", "asks for 3-D Secure", challenge=True),
    Card("4000000000003220", "asks for 3-D Secure 2", challenge=True),
    Card(
        "4000008400001629",
        "asks for 3-D Secure, then declined",
        challenge=True,
        decline=("card_declined", "generic_decline"),
    ),
    Card("4000000000000259", "succeeds, then disputed as fraudulent", fate="dispute:fraudulent"),
    Card(
        "4000000000002685",
        "succeeds, then disputed as not received",
        fate="dispute:product_not_received",
    ),
    Card("4000000000007726", "succeeds; a refund is pending at first", fate="refund:pending"),
    Card("4000000000005126", "succeeds; a refund fails later", fate="refund:fails"),
)

_BY_NUMBER = {card.number: card for card in CARDS}

_TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_bypassPending": "4000000000000077",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_radarBlock": "4100000000000019",
    "pm_card_authenticationRequired": "4000002500003155",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": "4000008400001629",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}

MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined: it is reported lost.",
    "stolen_card": "Your card was declined: it is reported stolen.",
    "card_velocity_exceeded": "Your card was declined: it was used too often in a short time.",
    "fraudulent": "Your card was declined.",
    "test_mode_live_card": "Your card was declined: only test cards work here.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again.",
    "incorrect_number": "Your card number is incorrect.",
    "invalid_expiry": "Your card's expiration date is invalid.",
    "payment_intent_authentication_failure": "The payment was not confirmed by 3-D Secure.",
}


def of_number(number: str) -> Card:
    """The card behind a number; valid numbers that are not test cards are declined.

    :raises ApiError: the digits cannot be a card number.
    """
    digits = "".join(ch for ch in number if not ch.isspace() and ch != "-")
    if not digits.isdigit() or not 12 <= len(digits) <= 19 or not _luhn(digits):
        raise invalid(MESSAGES["incorrect_number"], param="number", code="incorrect_number")
    return _BY_NUMBER.get(digits) or Card(
        digits, "not a test card", decline=("card_declined", "test_mode_live_card")
    )


def of_token(token: str) -> Card | None:
    """The card behind one of Stripe's `pm_card_...` names."""
    number = _TOKENS.get(token)
    return _BY_NUMBER[number] if number else None


def message_key(decline: tuple[str, str | None]) -> str:
    """The key of the sentence that explains a decline."""
    return decline[1] or decline[0]


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0

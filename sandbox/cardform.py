"""The card form of the hosted page: what was typed, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox import cards
from sandbox.errors import ApiError
from sandbox.objects import payment_methods
from sandbox.store import Unit

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EXPIRY = re.compile(r"(\d{1,2})\s*/?\s*(\d{2}|\d{4})")


@dataclass
class CardForm:
    """What the shopper typed; `problems` maps a field to the key of its sentence."""

    email: str = ""
    number: str = ""
    expiry: str = ""
    cvc: str = ""
    name: str = ""
    problems: dict[str, str] = field(default_factory=dict)
    month: int = 0
    year: int = 0

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "CardForm":
        """The submitted form, checked field by field."""
        form = cls(
            email=sent.get("email", "").strip()[:200],
            number=sent.get("card_number", "").strip()[:40],
            expiry=sent.get("card_expiry", "").strip()[:10],
            cvc=sent.get("card_cvc", "").strip()[:10],
            name=sent.get("cardholder_name", "").strip()[:200],
        )
        if not _EMAIL.fullmatch(form.email):
            form.problems["email"] = "bad_email"
        if not form.name:
            form.problems["name"] = "bad_name"
        if not re.fullmatch(r"\d{3,4}", form.cvc):
            form.problems["cvc"] = "bad_cvc"
        match = _EXPIRY.fullmatch(form.expiry)
        if match:
            year = int(match[2])
            form.month, form.year = int(match[1]), year + 2000 if year < 100 else year
        return form

    def card(self, unit: Unit) -> cards.Card | None:
        """The test card that was typed, if all the fields can be right."""
        try:
            payment_methods.check_expiry(unit, self.month, self.year)
        except ApiError:
            self.problems["expiry"] = "bad_expiry"
        try:
            card = cards.of_number(self.number)
        except ApiError:
            self.problems["number"] = "bad_number"
            return None
        return None if self.problems else card

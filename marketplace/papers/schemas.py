"""What givers, operators and companies type for papers."""

from typing import Any

from babel import Locale
from marshmallow import RAISE, Schema, fields, pre_load, validate

from marketplace.core.fields import Day
from marketplace.core.i18n import _l
from marketplace.papers.rules import RecipientKind

COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
) - {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
"""Where givers and recipients may be, as ISO 3166-1 codes."""


def list_countries(language: str) -> list[tuple[str, str]]:
    """Return every country, code and name, in a language."""
    names = Locale.parse(language).territories
    return sorted(
        ((code, str(names.get(code, code))) for code in COUNTRIES), key=lambda pair: pair[1]
    )


def _text(longest: int, missing: Any) -> fields.String:  # Any: a lazy text
    wrong = validate.Length(min=1, max=longest, error=missing)
    return fields.String(required=True, validate=wrong, error_messages={"required": missing})


def _country() -> fields.String:
    wrong = _l("Choose a country.")
    return fields.String(
        required=True,
        validate=validate.OneOf(sorted(COUNTRIES), error=wrong),
        error_messages={"required": wrong},
    )


class GiverInput(Schema):
    """In whose name gift receipts are written."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    name = _text(120, _l("Write the name for the receipt, up to 120 signs."))
    street = _text(200, _l("Write street and number."))
    postal_code = _text(12, _l("Write the postal code."))
    city = _text(100, _l("Write the town."))
    country = _country()


class RecipientInput(Schema):
    """An organisation whose gift receipts we may write, and for which project."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    project = _text(400, _l("Write the end of the project’s address."))
    name = _text(200, _l("Write the name as it is registered."))
    kind = fields.String(required=True, validate=validate.OneOf(list(RecipientKind)))
    country = _country()
    registration_number = _text(60, _l("Write the number under which it is registered."))
    address = _text(300, _l("Write its address."))
    valid_from = Day(required=True)
    valid_until = Day(load_default=None)
    document = _text(300, _l("Say which document you saw: it goes into the audit log."))

    @pre_load
    def take_nothing_for_none(self, data: Any, **_more: object) -> Any:  # Any: a form's fields
        """Read a day that was left empty as none."""
        return {**data, "valid_until": data.get("valid_until") or None}


class EndInput(Schema):
    """The last day on which a recipient qualifies, and why."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    last_day = Day(required=True)
    reason = _text(300, _l("Say why: it goes into the audit log."))


class SellerInput(Schema):
    """What a company's invoices say of it."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    legal_name = _text(200, _l("Write the name under which you sell."))
    address = _text(300, _l("Write your address."))
    vat_number = fields.String(load_default="", validate=validate.Length(max=30))
    registration = fields.String(load_default="", validate=validate.Length(max=120))

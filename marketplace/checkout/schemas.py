"""What forms and programs say in the basket and the checkout."""

from typing import Any

from marshmallow import (
    RAISE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates_schema,
)

from marketplace.core.documents import Input, minor
from marketplace.core.i18n import LANGUAGES, _l
from marketplace.core.money import LARGEST_MINOR
from marketplace.giving.rules import MOST_PROJECTS

EUROPEAN_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
COUNTRIES = frozenset([*EUROPEAN_UNION.split(), "CH", "GB", "NO", "US"])
"""Where parcels go, as ISO 3166-1 codes."""

MOST_PIECES = 99
MOST_LINES = 50
MOST_TOP_UP_MINOR = 1_000_000


def _text(shortest: int, longest: int, missing: Any) -> fields.String:  # Any: a lazy text
    wrong = validate.Length(min=shortest, max=longest, error=missing)
    return fields.String(required=True, validate=wrong, error_messages={"required": missing})


class AddInput(Schema):
    """What a product's page sends."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    variant_id = fields.UUID(
        required=True,
        error_messages={
            "required": _l("Choose which one you would like."),
            "invalid_uuid": _l("Choose which one you would like."),
        },
    )
    quantity = fields.Integer(
        load_default=1,
        validate=validate.Range(1, MOST_PIECES, error=_l("Choose between 1 and 99 pieces.")),
        error_messages={"invalid": _l("Choose between 1 and 99 pieces.")},
    )


class ChangeInput(Schema):
    """A new quantity of a line; `do` moves it by one or takes the line away."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    variant_id = fields.UUID(required=True)
    quantity = fields.Integer(
        required=True,
        validate=validate.Range(0, MOST_PIECES, error=_l("Choose between 0 and 99 pieces.")),
        error_messages={"invalid": _l("Choose between 0 and 99 pieces.")},
    )
    do = fields.String(
        load_default="set", validate=validate.OneOf(["set", "more", "fewer", "remove"])
    )


class DeliveryInput(Schema):
    """Where and to whom the parcels go."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    email = fields.String(
        required=True,
        validate=validate.Regexp(
            r"(?=.{5,254}$)[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}$",
            error=_l("Write an e-mail address such as name@example.org."),
        ),
        error_messages={"required": _l("Write your e-mail address: the receipt goes there.")},
    )
    name = _text(1, 120, _l("Write the name that stands on your letterbox."))
    street = _text(1, 200, _l("Write the street and the number."))
    postal_code = fields.String(
        required=True,
        validate=validate.Regexp(
            r"[A-Za-z0-9][A-Za-z0-9 -]{1,11}$", error=_l("Write the postal code.")
        ),
        error_messages={"required": _l("Write the postal code.")},
    )
    city = _text(1, 100, _l("Write the town."))
    country = fields.String(
        required=True,
        validate=validate.OneOf(sorted(COUNTRIES), error=_l("Choose a country we deliver to.")),
        error_messages={"required": _l("Choose a country we deliver to.")},
    )
    phone = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"$|[+0-9][0-9 ()/.-]{4,24}$",
            error=_l("Write the number with digits only, or leave it empty."),
        ),
    )


class ChooseInput(Schema):
    """The step of the projects: rows in the shopper's order, and which button was pressed."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    project = fields.List(fields.UUID(), load_default=list)
    amount = fields.List(fields.String(validate=validate.Length(max=20)), load_default=list)
    do = fields.String(
        load_default="update",
        validate=validate.OneOf(["update", "equal", "add", "companies", "continue"]),
    )
    whole = fields.UUID(load_default=None)
    """All to this project."""
    rest = fields.UUID(load_default=None)
    """What is left to this project."""
    remove = fields.UUID(load_default=None)
    nudge = fields.String(load_default="", validate=validate.Length(max=60))
    """`<project>:<minor units>`, which may be negative."""
    top_up = fields.String(load_default="0", validate=validate.Regexp(r"other$|\d{1,9}$"))
    """Minor units, or `other`: then `top_up_other` says how much."""
    top_up_other = fields.String(load_default="", validate=validate.Length(max=20))
    show_name = fields.Boolean(load_default=False)


class AddProjectInput(Schema):
    """One more project for the choice."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    project = fields.UUID(required=True)


class FindProjectInput(Schema):
    """What the list of projects is narrowed to."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    cause = fields.String(load_default="", validate=validate.Length(max=60))


class PlaceInput(Schema):
    """The last button: the key tells a double click, the total is what the shopper saw."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    checkout_key = fields.String(required=True, validate=validate.Length(min=20, max=60))
    seen_total_minor = fields.Integer(required=True, strict=False)
    seen_match_minor = fields.Integer(load_default=0, strict=False)
    """What sponsors add, as it was shown."""


def _strict(description: str, least: int, most: int, **more: Any) -> fields.Integer:  # Any: options
    return fields.Integer(
        strict=True,
        validate=validate.Range(least, most),
        metadata={"description": description},
        **more,
    )


class LineInput(Input):
    """A variant and how many of it."""

    variant_id = fields.UUID(required=True)
    quantity = _strict("Pieces.", 1, MOST_PIECES, required=True)


class QuoteInput(Input):
    """What a program wants to know the price of."""

    lines = fields.List(
        fields.Nested(LineInput), required=True, validate=validate.Length(1, MOST_LINES)
    )

    @validates_schema(skip_on_field_errors=True)
    def name_each_once(self, data: Any, **_more: object) -> None:  # Any: what the schema loads
        """Refuse two lines of the same variant: nobody knows which one is meant."""
        variants = [line["variant_id"] for line in data["lines"]]
        if len(set(variants)) < len(variants):
            raise ValidationError({"lines": ["Name each variant once."]})


class AddressInput(DeliveryInput, Input):  # type: ignore[misc]  # both Metas say the same
    """Where and to whom the parcels go."""

    @pre_load
    def put_on_one_line(self, data: Any, **_more: object) -> Any:  # Any: JSON
        """Take away blanks and line ends that no envelope has."""
        if not isinstance(data, dict):
            return data
        return {
            name: " ".join(value.split()) if isinstance(value, str) else value
            for name, value in data.items()
        }


class PartInput(Input):
    """A project and what it gets of the companies' share."""

    project = fields.UUID(required=True, metadata={"description": "The project's id."})
    amount_minor = _strict("In minor units.", 0, LARGEST_MINOR, required=True)


class OrderInput(QuoteInput):
    """What a program orders for somebody."""

    delivery = fields.Nested(AddressInput, required=True)
    choice = fields.List(
        fields.Nested(PartInput),
        load_default=None,
        validate=validate.Length(1, MOST_PROJECTS),
        metadata={
            "description": "Adds up to the companies' share. Without it the companies' own "
            "projects get equal parts."
        },
    )
    top_up_minor = _strict("The shopper's own gift.", 0, MOST_TOP_UP_MINOR, load_default=0)
    expected_total_minor = _strict(
        "What the shopper saw; another total is refused.", 0, LARGEST_MINOR, load_default=None
    )
    expected_match_minor = _strict(
        "The same of what sponsors add beside.", 0, LARGEST_MINOR, load_default=None
    )
    locale = fields.String(load_default="en", validate=validate.OneOf([*LANGUAGES]))


class KeyInput(Schema):
    """The header that tells a repeated order from a second one."""

    key = fields.String(
        required=True,
        data_key="Idempotency-Key",
        validate=validate.Regexp(r"[\x21-\x7e]{1,200}\Z"),
        metadata={"description": "Made by you for one order; sent again, it finds that order."},
    )


class QuotedLineOutput(Schema):
    """A line with its price and what is given of it."""

    variant_id = fields.UUID(required=True)
    product_slug = fields.String(required=True)
    title = fields.String(required=True)
    variant_title = fields.String(required=True)
    company = fields.String(required=True, metadata={"description": "The slug of the company."})
    quantity = fields.Integer(required=True)
    available = fields.Integer(required=True)
    is_for_sale = fields.Boolean(required=True)
    unit_price_minor = minor("VAT included.")
    gross_minor = minor("The price of all pieces, VAT included.")
    vat_minor = minor("The VAT inside it.")
    share_minor = minor("What the company gives of it.")
    sentence = fields.String(required=True)


class QuotedParcelOutput(Schema):
    """What one company sends and gives."""

    company = fields.String(required=True, metadata={"description": "The slug of the company."})
    items_minor = minor("The price of its lines.")
    shipping_minor = minor("VAT included.")
    share_minor = minor("What it gives.")


class BasketOutput(Schema):
    """A basket with every price, at this moment; nothing is held."""

    currency = fields.String(required=True)
    items_minor = minor("The price of all lines.")
    shipping_minor = minor("The price of all parcels.")
    total_minor = minor("What is paid before a gift of the shopper's own.")
    vat_minor = minor("The VAT inside it.")
    share_minor = minor("What the companies give; an order's choice adds up to it.")
    is_buyable = fields.Boolean(required=True)
    lines = fields.List(fields.Nested(QuotedLineOutput), required=True)
    parcels = fields.List(fields.Nested(QuotedParcelOutput), required=True)
    default_choice = fields.List(fields.Nested(PartInput), required=True)

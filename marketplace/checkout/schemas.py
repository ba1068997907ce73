"""Forms of the basket and the checkout."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.i18n import _l

EUROPEAN_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
COUNTRIES = frozenset([*EUROPEAN_UNION.split(), "CH", "GB", "NO", "US"])
"""Where parcels go, as ISO 3166-1 codes."""

MOST_PIECES = 99


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

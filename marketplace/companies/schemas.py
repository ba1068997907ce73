"""What members of a company type, and what programs are told of companies."""

from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load, validate

from marketplace.core.documents import minor, next_page
from marketplace.core.fields import Day
from marketplace.core.i18n import _l


class SentInput(Schema):
    """A parcel is on its way; its tracking may be told."""

    tracking = fields.String(load_default="", validate=validate.Length(max=200))


class RefundInput(Schema):
    """What of an order comes back: `pieces[i]` pieces of the line `line[i]`, and the parcel."""

    line = fields.List(fields.UUID(), load_default=list)
    pieces = fields.List(
        fields.Integer(
            error_messages={"invalid": _l("Write how many pieces come back, or 0.")},
            validate=validate.Range(min=0, max=1_000_000),
        ),
        load_default=list,
    )
    parcel = fields.Boolean(load_default=False)
    reason = fields.String(
        required=True,
        validate=validate.Length(max=500),
        error_messages={"required": _l("Say why, for the shopper and for the books.")},
    )


class DefaultsInput(Schema):
    """The rows of the default projects, and which button was pressed."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    project = fields.List(fields.UUID(), load_default=list)
    share = fields.List(
        fields.String(
            validate=validate.Regexp(
                r"\d{0,3}$",
                error=_l("Write a whole number of percent."),
            )
        ),
        load_default=list,
    )
    words = fields.String(load_default="", validate=validate.Length(max=100))
    """What the list of projects to add is narrowed to."""
    do = fields.String(load_default="update", validate=validate.OneOf(["update", "save"]))
    add = fields.UUID(load_default=None)
    remove = fields.UUID(load_default=None)


class PledgeOutput(Schema):
    """What is given of a sale: a share of the net price, or an amount for each piece."""

    share_bp = fields.Integer(
        required=True, allow_none=True, metadata={"description": "In basis points: 800 is 8 %."}
    )
    unit_minor = minor("For each piece.", allow_none=True)


class CompanyCardOutput(Schema):
    """A company as a list shows it."""

    slug = fields.String(required=True)
    name = fields.String(required=True)
    tagline = fields.String(required=True)
    city = fields.String(required=True)
    currency = fields.String(required=True)
    pledge = fields.Nested(PledgeOutput, required=True)
    verification = fields.Nested(
        "VerificationOutput",  # by its name: the feature stands above this one
        required=True,
        allow_none=True,
        metadata={"description": "What was checked; null where nothing is written down."},
    )
    url = fields.Url(required=True, require_tld=False)


class CompaniesOutput(Schema):
    """A page of companies, by name."""

    items = fields.List(fields.Nested(CompanyCardOutput), required=True)
    next = next_page()


class CompanyTotalsOutput(Schema):
    """What a company gave out of its prices, less what was taken back with returned goods."""

    pending_minor = minor("Held until orders can no longer be returned.")
    confirmed_minor = minor("Can no longer be taken back by a return.")
    given_minor = minor("Both.")
    projects = fields.Integer(required=True)


class PersonOutput(Schema):
    """Somebody of a company, as the public may know them."""

    name = fields.String(required=True)
    title = fields.String(required=True)


class CompanyOutput(CompanyCardOutput):
    """A company, its people, its promise and what it gave."""

    about_html = fields.String(required=True)
    country = fields.String(required=True)
    pledge_sentence = fields.String(required=True)
    shipping_minor = minor("The price of one parcel, VAT included.")
    free_shipping_from_minor = minor("From here on parcels are free.", allow_none=True)
    people = fields.List(fields.Nested(PersonOutput), required=True)
    totals = fields.Nested(CompanyTotalsOutput, required=True)
    is_held_back = fields.Boolean(
        required=True,
        metadata={"description": "Whether the totals stand still while a difference is explained."},
    )
    counted_at = fields.AwareDateTime(required=True, format="iso")


class PromiseInput(Schema):
    """What a company gives, and how it sends; amounts as people write them."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    @pre_load
    def take_nothing_for_none(self, data: Any, **_more: object) -> Any:  # Any: a form's fields
        """Read a day that was left empty as none."""
        return {**data, "until": data.get("until") or None}

    tagline = fields.String(load_default="", validate=validate.Length(0, 200))
    about = fields.String(load_default="", validate=validate.Length(0, 10_000))
    kind = fields.String(required=True, validate=validate.OneOf(["share", "unit"]))
    pledge = fields.String(required=True, validate=validate.Length(1, 12))
    until = Day(load_default=None)
    shipping = fields.String(required=True, validate=validate.Length(1, 12))
    free_from = fields.String(load_default="", validate=validate.Length(0, 12))
    ships_within_days = fields.Integer(required=True, validate=validate.Range(1, 60))

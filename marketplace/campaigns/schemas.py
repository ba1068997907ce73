"""What people type about pools."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.campaigns.rules import Scope, SponsorKind
from marketplace.core.fields import Day
from marketplace.core.i18n import _l

_CHOOSE = _l("Choose one of these.")
_NAME = _l("Give it a name of up to 120 letters.")


class _Form(Schema):
    """A form of pools."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class DraftInput(_Form):
    """A new pool; amounts and the percentage as they are typed."""

    title = fields.String(
        required=True,
        validate=[
            validate.Regexp(r"\s*\S", error=_NAME),
            validate.Length(1, 120, error=_NAME),
        ],
    )
    about = fields.String(load_default="", validate=validate.Length(max=2_000))
    ratio = fields.String(required=True, validate=validate.Length(max=12))
    cap = fields.String(load_default="", validate=validate.Length(max=20))
    guarantee = fields.String(load_default="", validate=validate.Length(max=20))
    with_gifts = fields.Boolean(load_default=False)
    scope = fields.Enum(
        Scope,
        by_value=True,
        required=True,
        error_messages={"required": _CHOOSE, "unknown": _CHOOSE},
    )
    cause = fields.String(load_default="", validate=validate.Length(max=80))
    projects = fields.String(load_default="", validate=validate.Length(max=4_000))
    """Addresses of projects, one on each line."""
    starts_on = Day(required=True)
    ends_on = Day(required=True)


class FundInput(_Form):
    """Money to pay in; the budget that the form was opened with makes it happen once."""

    amount = fields.String(required=True, validate=validate.Length(max=20))
    seen_budget_minor = fields.Integer(required=True)


class SponsorInput(_Form):
    """Under which name somebody wants to fund pools."""

    name = fields.String(
        required=True,
        validate=[
            validate.Regexp(r"\s*\S", error=_NAME),
            validate.Length(1, 120, error=_NAME),
        ],
    )
    kind = fields.Enum(
        SponsorKind,
        by_value=True,
        required=True,
        error_messages={"required": _CHOOSE, "unknown": _CHOOSE},
    )


class PayInput(_Form):
    """Money to pay in at the provider's page; the form's own key makes it happen once."""

    amount = fields.String(required=True, validate=validate.Length(max=20))
    form_key = fields.String(required=True, validate=validate.Length(20, 80))


class EndInput(_Form):
    """Why a pool ends before its time."""

    reason = fields.String(load_default="", validate=validate.Length(max=500))

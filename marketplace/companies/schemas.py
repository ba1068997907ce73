"""What members of a company type."""

from marshmallow import Schema, fields, validate

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

"""What forms about corrections say."""

from marshmallow import RAISE, Schema, fields, validate

REASON = validate.Length(1, 300)


class CorrectionInput(Schema):
    """An update as it should read, and why."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, 200))
    body = fields.String(required=True, validate=validate.Length(1, 20_000))
    reason = fields.String(required=True, validate=REASON)


class TakeBackInput(Schema):
    """Why an update goes."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    why = fields.String(required=True, validate=REASON)

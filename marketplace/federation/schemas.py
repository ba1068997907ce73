"""What forms about other servers say."""

from marshmallow import RAISE, Schema, fields, validate


class BlockInput(Schema):
    """Whom to block, and why."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    target = fields.String(required=True, validate=validate.Length(1, 500))
    reason = fields.String(required=True, validate=validate.Length(1, 500))

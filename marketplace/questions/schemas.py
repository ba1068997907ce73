"""What people write who ask, answer, complain and settle."""

from marshmallow import RAISE, Schema, fields, validate


class _Words(Schema):
    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class QuestionInput(_Words):
    """What a reader asks."""

    body = fields.String(required=True, validate=validate.Length(1, 1_000))


class AnswerInput(_Words):
    """What a named person answers."""

    answer = fields.String(required=True, validate=validate.Length(1, 3_000))


class ComplaintInput(_Words):
    """What is wrong with a question or its answer."""

    why = fields.String(required=True, validate=validate.Length(1, 1_000))


class SettleInput(_Words):
    """What the operator makes of it."""

    what = fields.String(required=True, validate=validate.OneOf(["hide", "keep"]))
    reason = fields.String(required=True, validate=validate.Length(1, 1_000))

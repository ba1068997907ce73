"""What forms about plans say: column by column, a line left empty is none."""

from marshmallow import RAISE, Schema, fields, validate


def _column(most: int) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.Length(max=most)), load_default=list)


class _Rows(Schema):
    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    ids = _column(40)


class SectionsInput(_Rows):
    """Parts of a story."""

    titles = _column(200)
    bodies = _column(10_000)


class MilestonesInput(_Rows):
    """What is to be finished by when."""

    titles = _column(200)
    due = _column(10)
    reached = _column(10)
    updates = _column(40)


class NeedsInput(_Rows):
    """What is needed that is not money."""

    titles = _column(300)
    kinds = _column(20)
    until = _column(10)
    states = _column(20)


class GoalsInput(Schema):
    """Targets of the United Nations, and a place."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    targets = fields.String(load_default="", validate=validate.Length(max=400))
    latitude = fields.String(load_default="", validate=validate.Length(max=20))
    longitude = fields.String(load_default="", validate=validate.Length(max=20))


class AnswerInput(Schema):
    """Somebody offers what is needed."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    message = fields.String(required=True, validate=validate.Length(1, 2000))
    shares_email = fields.Boolean(load_default=False)

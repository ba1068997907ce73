"""What forms about projects say."""

from marshmallow import RAISE, Schema, fields, validate


def _text(most: int, least: int = 1) -> validate.Length:
    return validate.Length(least, most)


class UpdateInput(Schema):
    """An update, with the money it may tell of; files come beside it."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=_text(200))
    body = fields.String(required=True, validate=_text(20_000))
    alts = fields.List(fields.String(validate=_text(300, 0)), load_default=list)
    amount = fields.String(load_default="", validate=_text(20, 0))
    spent_on = fields.String(load_default="", validate=_text(10, 0))
    payee = fields.String(load_default="", validate=_text(200, 0))
    purpose = fields.String(load_default="", validate=_text(300, 0))
    budget_line = fields.String(load_default="", validate=_text(40, 0))
    preview = fields.String(load_default="")


class TextsInput(Schema):
    """What a project says of itself."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=_text(300))
    summary = fields.String(required=True, validate=_text(400))
    story = fields.String(load_default="", validate=_text(20_000, 0))
    risks = fields.String(load_default="", validate=_text(5_000, 0))
    place = fields.String(load_default="", validate=_text(200, 0))


class ProposalInput(Schema):
    """A project put before the operator."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=_text(300))
    organisation = fields.String(required=True, validate=_text(200))
    summary = fields.String(required=True, validate=_text(400))
    story = fields.String(required=True, validate=_text(20_000))
    place = fields.String(required=True, validate=_text(200))
    country = fields.String(
        load_default="",
        validate=validate.Regexp(r"^([A-Z]{2})?$", error="Two capital letters, like IT."),
    )
    cause = fields.String(required=True, validate=_text(80))
    goal = fields.String(required=True, validate=_text(20))

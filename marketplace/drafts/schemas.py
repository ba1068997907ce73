"""What the form of an update says. Nothing is required: what is missing is kept as a draft."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.core.i18n import LANGUAGES
from marketplace.drafts.rules import LONGEST_BODY, LONGEST_TITLE

HOW = ("", "publish", "preview", "keep", "schedule")
"""What the buttons do."""


def _text(most: int) -> fields.String:
    return fields.String(load_default="", validate=validate.Length(0, most))


def _texts(most: int) -> fields.List[str]:
    return fields.List(fields.String(validate=validate.Length(0, most)), load_default=list)


class DraftInput(Schema):
    """An update, with the money it may tell of; files come beside it."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    how = fields.String(load_default="", validate=validate.OneOf(HOW))
    title = _text(LONGEST_TITLE)
    body = _text(LONGEST_BODY)
    language = fields.String(load_default="", validate=validate.OneOf(["", *LANGUAGES]))
    alts = _texts(300)
    captions = _texts(300)
    kept = _texts(40)
    """Photos that a draft has, in the order of `kept_alts` and `kept_captions`."""
    kept_alts = _texts(300)
    kept_captions = _texts(300)
    removed = fields.List(fields.UUID(), load_default=list)
    """Photos, papers and the receipt that are to go."""
    amount = _text(20)
    spent_on = _text(10)
    payee = _text(200)
    purpose = _text(300)
    budget_line = _text(40)
    is_setback = fields.Boolean(load_default=False)
    milestone = _text(40)
    outcome = _text(40)
    day = _text(10)
    hour = _text(8)
    zone = _text(60)


class PublishInput(Schema):
    """What is still said of photos when a draft that came by letter is published."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    kept = _texts(40)
    kept_alts = _texts(300)

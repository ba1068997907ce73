"""What forms about translations say."""

from marshmallow import RAISE, Schema, fields, validate

from marketplace.volunteer_translations.rules import (
    LONGEST_BELOW,
    LONGEST_BODY,
    LONGEST_COMPLAINT,
    LONGEST_REASON,
    LONGEST_TITLE,
)

HOW = ("offer", "keep")


def _below() -> fields.List[str]:
    most = validate.Length(max=LONGEST_BELOW)
    return fields.List(fields.String(validate=most), load_default=list)


class TranslationInput(Schema):
    """An update in another language. Nothing is required: what is missing is kept as a draft."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    how = fields.String(required=True, validate=validate.OneOf(HOW))
    wording = fields.AwareDateTime(required=True, format="iso")
    """Since when the original reads as the page showed it."""
    title = fields.String(load_default="", validate=validate.Length(max=LONGEST_TITLE))
    body = fields.String(load_default="", validate=validate.Length(max=LONGEST_BODY))
    photos = fields.List(fields.UUID(), load_default=list)
    """In the order of `alts` and `captions`."""
    alts = _below()
    captions = _below()


class RefusalInput(Schema):
    """Why a translation is not shown, or not any more."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    reason = fields.String(required=True, validate=validate.Length(1, LONGEST_REASON))


class TranslationComplaintInput(Schema):
    """What is wrong with a translation."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    why = fields.String(required=True, validate=validate.Length(1, LONGEST_COMPLAINT))


class TranslationSettledInput(RefusalInput):
    """What the operator makes of complaints, and why."""

    what = fields.String(required=True, validate=validate.OneOf(["take_down", "keep"]))

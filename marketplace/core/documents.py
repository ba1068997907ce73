"""The base of what programs send and get: nothing unknown comes in, amounts are integers."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from marketplace.core.reading.text import without_controls

LONGEST_CURSOR = 600


class Input(Schema):
    """What a program sends; a field that we do not know is an error, not ignored."""

    class Meta:
        """Nothing else may come along."""

        unknown = RAISE

    @validates_schema(skip_on_field_errors=False)
    def hold_only_text(self, data: Any, **_more: object) -> None:  # Any: what a schema loads
        """Refuse texts with what no text has: NUL, other control signs, half a character."""
        errors = {name: ["Not a text."] for name, value in data.items() if not _is_text(value)}
        if errors:
            raise ValidationError(errors)


def _is_text(value: object) -> bool:
    return not isinstance(value, str) or without_controls(value) == value


class PageQuery(Schema):
    """Where a page of a list begins."""

    after = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_CURSOR),
        metadata={"description": "The cursor of the page before, as its `next` has it."},
    )


class ProblemOutput(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "What is wrong with each field, by its path: lines.0.quantity."},
    )


def minor(description: str, *, allow_none: bool = False) -> fields.Integer:
    """Return a field for an amount in the minor unit of the currency beside it."""
    return fields.Integer(
        required=True, allow_none=allow_none, metadata={"description": description}
    )


def next_page() -> fields.Url:
    """Return the field that leads to the next page of a list."""
    return fields.Url(
        required=True,
        allow_none=True,
        require_tld=False,
        metadata={"description": "The address of the next page; null on the last."},
    )

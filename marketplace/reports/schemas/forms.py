"""What forms about reports say."""

import re
from typing import Any

from babel import Locale
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from marketplace.core.i18n import _l
from marketplace.reports.models import Standing
from marketplace.reports.rules import LAST, PARTS, Part
from marketplace.reports.service.drafting import Written

_COUNTRIES = frozenset(
    code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)
)


class Countries(fields.String):
    """Countries by their two letters, with anything between them."""

    def _deserialize(
        self,
        value: Any,  # Any: marshmallow's own
        attr: str | None,
        data: Any,  # Any: marshmallow's own
        **more: Any,  # Any: marshmallow's own
    ) -> Any:  # Any: marshmallow's own
        text = super()._deserialize(value, attr, data, **more)
        codes = [one.upper() for one in re.split(r"[\s,;]+", text) if one]
        unknown = [code for code in codes if code not in _COUNTRIES]
        if unknown:
            raise ValidationError(str(_l("Name each country by its two letters: IT, FR.")))
        return codes


class DraftInput(Schema):
    """A new report."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, 200))
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    countries = Countries(load_default=list, validate=validate.Length(0, 60))


class _WordsInput(Schema):
    """The words of a draft; `what` says what to do with them, `move` which part to put where."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    revision = fields.Integer(required=True)
    title = fields.String(required=True, validate=validate.Length(1, 200))
    countries = Countries(load_default=list, validate=validate.Length(0, 60))
    reason = fields.String(load_default="", validate=validate.Length(0, 2_000))
    what = fields.String(
        load_default="save", validate=validate.OneOf(["save", "preview", "submit", "publish"])
    )
    move = fields.String(
        load_default="",
        validate=validate.OneOf(
            ["", *(f"{way}:{part}" for part in PARTS if part is not LAST for way in ("up", "down"))]
        ),
    )

    @post_load
    def gather(self, data: dict[str, Any], **_more: object) -> dict[str, Any]:  # Any: its own
        """Put what belongs to the draft together."""
        written = Written(
            revision=data["revision"],
            title=data["title"],
            countries=data["countries"],
            reason=data["reason"],
            texts={part: data[f"text_{part}"] for part in PARTS},
            shown=frozenset(part for part in PARTS if data[f"shown_{part}"]),
        )
        return {"written": written, "what": data["what"], "move": data["move"]}


WordsInput = _WordsInput.from_dict(
    {
        **{
            f"text_{part}": fields.String(load_default="", validate=validate.Length(0, 20_000))
            for part in PARTS
        },
        **{f"shown_{part}": fields.Boolean(load_default=False) for part in PARTS},
    },
    name="WordsInput",
)
"""The same with a text and a mark for each part."""


def part_moved(move: str) -> tuple[Part, bool]:
    """Return which part a button moves, and whether up."""
    way, _colon, part = move.partition(":")
    return Part(part), way == "up"


class ReviewInput(Schema):
    """What a second person, or an owner, says of what was handed in."""

    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE

    what = fields.String(
        required=True, validate=validate.OneOf(["approve", "publish", "send_back"])
    )
    note = fields.String(load_default="", validate=validate.Length(0, 2_000))


class _Words(Schema):
    class Meta:
        """Unknown fields are mistakes."""

        unknown = RAISE


class FundingInput(_Words):
    """What a project has from elsewhere."""

    funder = fields.String(required=True, validate=validate.Length(1, 200))
    amount = fields.String(required=True, validate=validate.Length(1, 30))
    standing = fields.String(
        load_default=Standing.CERTAIN,
        validate=validate.OneOf([Standing.CERTAIN, Standing.APPLIED]),
    )


class FundingAnswerInput(_Words):
    """What became of an application."""

    standing = fields.String(
        required=True, validate=validate.OneOf([Standing.CERTAIN, Standing.REFUSED])
    )
    amount = fields.String(load_default="", validate=validate.Length(0, 30))

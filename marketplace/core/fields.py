"""What people write into forms, read the same way everywhere."""

from datetime import date

from marshmallow import ValidationError, fields

from marketplace.core.days import read_day
from marketplace.core.i18n import _l

LIKE_THIS = _l("Write the day like 2026-03-12.")


class Day(fields.Field[date | None]):
    """A day, or None where nothing was written and none is required."""

    def _deserialize(self, value: object, *_where: object, **_more: object) -> date | None:
        text = str(value or "").strip()
        if not text and not self.required:
            return None
        day = read_day(text)
        if day is None:
            raise ValidationError(str(LIKE_THIS))
        return day

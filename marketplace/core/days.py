"""Days: read as people write them, and told in words, the same on pages, in letters and papers."""

import re
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_datetime

_LOCAL = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")
_YEARS = range(1900, 2200)
"""Of whatever people tell here; another year is a slip of the hand."""


def read_day(text: str) -> date | None:
    """Return a day written like 2026-03-12 or 12/03/2026 or 12.3.2026, or None."""
    try:
        if local := _LOCAL.fullmatch(text.strip()):
            day = date(int(local[3]), int(local[2]), int(local[1]))
        else:
            day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if day.year in _YEARS else None


@lru_cache(maxsize=4_096)
def long_day(moment: date | datetime, language: str) -> str:
    """Return "12 March 2026"."""
    return _french_first(format_date(moment, "d MMMM y", locale=language), language)


def long_moment(moment: datetime, language: str) -> str:
    """Return "12 March 2026, 18:42" (UTC)."""
    return _long_minute(moment.replace(second=0, microsecond=0), language)


@lru_cache(maxsize=4_096)
def _long_minute(moment: datetime, language: str) -> str:
    return _french_first(format_datetime(moment, "d MMMM y, HH:mm", locale=language), language)


def _french_first(day: str, language: str) -> str:
    """Return a date as French writes it: the first of a month is `1er`, the others are numbers."""
    return f"1er{day[1:]}" if day.startswith("1 ") and language == "fr" else day

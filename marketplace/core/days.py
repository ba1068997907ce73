"""Days in words, the same on pages, in letters and in what programs read."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime


def long_day(moment: date | datetime, language: str) -> str:
    """Return "12 March 2026"."""
    return _french_first(format_date(moment, "d MMMM y", locale=language), language)


def long_moment(moment: datetime, language: str) -> str:
    """Return "12 March 2026, 18:42" (UTC)."""
    return _french_first(format_datetime(moment, "d MMMM y, HH:mm", locale=language), language)


def _french_first(day: str, language: str) -> str:
    """Return a date as French writes it: the first of a month is `1er`, the others are numbers."""
    return f"1er{day[1:]}" if day.startswith("1 ") and language == "fr" else day

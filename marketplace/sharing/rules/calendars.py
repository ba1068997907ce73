"""A calendar of whole days (RFC 5545)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

LONGEST_LINE = 75
"""In octets, without the line break (section 3.1)."""


@dataclass(frozen=True)
class Day:
    """Something that belongs to a day; `id` without a domain."""

    id: str
    on: date
    title: str
    about: str
    url: str


def calendar(name: str, days: Sequence[Day], *, host: str, now: datetime) -> str:
    """Return the calendar; lines end and are folded as the standard wants."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Causeway//Dates of projects//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_said(name)}",
        *(line for day in days for line in _event(day, host, now)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(day: Day, host: str, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{day.id}@{host}"
    yield f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_said(day.title)}"
    if day.about:
        yield f"DESCRIPTION:{_said(day.about)}"
    yield f"URL:{day.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _said(text: str) -> str:
    """Return a text in which nothing ends the line or the value."""
    kept = "".join(letter for letter in text if letter >= " " or letter == "\n")
    for plain in ("\\", ";", ","):
        kept = kept.replace(plain, f"\\{plain}")
    return kept.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield a long line in parts of whole letters; all but the first begin with a blank."""
    part, size = "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST_LINE:
            yield part
            part, size = " ", 1
        part += letter
        size += width
    yield part

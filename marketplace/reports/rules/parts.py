"""The parts that a report is made of."""

import enum
from collections.abc import Sequence


class Part(enum.StrEnum):
    """A section of a report."""

    OPENING = "opening"
    SELLING = "selling"
    """What we sell: pieces, net sales and what was given of each, by product."""
    GIVING = "giving"
    """What we give and how: from the till to the projects, to the cent; beside the pledge."""
    TIME = "time"
    """What our people gave in hours: our own words, as the next two, and never added to money."""
    IN_KIND = "in_kind"
    MANAGEMENT = "management"
    """What it cost us to run this."""
    PROJECTS = "projects"
    MONTHS = "months"
    GOALS = "goals"
    COUNTRIES = "countries"
    OUTCOMES = "outcomes"
    BADLY = "badly"
    METHOD = "method"
    SIGN_OFF = "sign_off"


PARTS = tuple(Part)
"""As a new report has them."""
OWN_WORDS = frozenset({Part.OPENING, Part.TIME, Part.IN_KIND, Part.MANAGEMENT})
"""What is words only: without any it is not shown."""
INPUTS = frozenset({Part.TIME, Part.IN_KIND, Part.MANAGEMENT})
"""What a company puts in beside money; nothing in the ledger proves it."""
NEEDED = (Part.GIVING, Part.BADLY, Part.METHOD, Part.SIGN_OFF)
"""What no report may leave out: the sums, the uncomfortable part, how it was counted, who signs."""
LAST = Part.SIGN_OFF
"""Who signs stands under everything."""


def address_of(company: str, report: str, number: int | None) -> str:
    """Return where a version of a report stands; the newest one has no number."""
    own = f"/companies/{company}/reports/{report}"
    return own if number is None else f"{own}/versions/{number}"


def completed(order: Sequence[Part]) -> list[Part]:
    """Return the parts in their order, and before the last what there was none of then."""
    kept = [one for one in order if one is not LAST]
    return [*kept, *(one for one in PARTS if one not in (*kept, LAST)), LAST]


def moved(order: Sequence[Part], part: Part, *, up: bool) -> list[Part]:
    """Return the parts with one a place further up or down; the last one stays the last."""
    parts = [one for one in order if one is not LAST]
    if part in parts:
        place = parts.index(part)
        parts.insert(max(place - 1, 0) if up else place + 1, parts.pop(place))
    return [*parts, LAST]

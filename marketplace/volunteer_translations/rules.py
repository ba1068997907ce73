"""What a translation says, which wording of the original it says, and what became of it."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

LONGEST_TITLE = 200
LONGEST_BODY = 20_000
LONGEST_BELOW = 300
LONGEST_REASON = 500
LONGEST_COMPLAINT = 1_000
MOST_KEPT_AN_HOUR = 120
MOST_OFFERED_AN_HOUR = 10


class TranslationState(enum.StrEnum):
    """How far a translation has come."""

    DRAFT = "draft"
    """Only who writes it sees it; everything else stays as it was offered."""
    WAITING = "waiting"
    PUBLISHED = "published"
    REPLACED = "replaced"
    """By a later one; what was published before can still be read."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    TAKEN_DOWN = "taken_down"


OPEN = (TranslationState.DRAFT, TranslationState.WAITING, TranslationState.PUBLISHED)
"""States that have not ended."""


@dataclass(frozen=True)
class Picture:
    """What a photo shows, and the words below it, in another language; either may be empty."""

    photo: str
    """The photo's id."""
    alt: str
    caption: str


@dataclass(frozen=True)
class Said:
    """An update in another language, as far as it is written."""

    title: str = ""
    body: str = ""
    """Markdown."""
    pictures: Sequence[Picture] = ()


def wording_at(published_at: datetime, corrected_at: datetime | None) -> datetime:
    """Return since when an update reads as it does."""
    return corrected_at or published_at


def languages_for(original: str, languages: Collection[str]) -> list[str]:
    """Return the languages that an update can be translated into."""
    return [one for one in languages if one != original]

"""Teams of people, their challenges, and the years that somebody looks back on."""

import enum
import unicodedata
from datetime import UTC, date, datetime

SHORTEST_NAME, LONGEST_NAME = 3, 80
LONGEST_ABOUT = 2_000
LONGEST_TITLE = 120
FIRST_YEAR = 2025
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
WHOLE_BP = 10_000


class MadeOf(enum.StrEnum):
    """Who a team is made of."""

    FRIENDS = "friends"
    SCHOOL = "school"
    EMPLOYEES = "employees"
    """Of one company, which may say that it is so."""
    OTHERS = "others"


class TeamRole(enum.StrEnum):
    """What somebody may do for a team."""

    CAPTAIN = "captain"
    MEMBER = "member"


class TeamEvent(enum.StrEnum):
    """What the people of a team get a letter about."""

    REMOVED = "removed"
    """They are in it no more, as its captain wants it."""
    CAPTAIN = "captain"
    """They lead it now."""
    SUSPENDED = "suspended"
    """By the operator."""
    LIFTED = "lifted"
    """It is seen again."""
    DISSOLVED = "dissolved"


class Counts(enum.StrEnum):
    """What a challenge counts of its members' purchases."""

    PLEDGE = "pledge"
    """What companies gave out of their prices, in minor units; own gifts are nobody's score."""
    PROJECTS = "projects"
    PEOPLE = "people"
    """Members who sent something to a project."""


class Stage(enum.StrEnum):
    """Where a challenge stands."""

    AHEAD = "ahead"
    RUNNING = "running"
    REACHED = "reached"
    NOT_REACHED = "not_reached"


def stage_of(starts_on: date, ends_on: date, *, today: date, done: int, goal: int) -> Stage:
    """Return where a challenge stands: what is reached is reached, whatever days are left."""
    if today < starts_on:
        return Stage.AHEAD
    if done >= goal:
        return Stage.REACHED
    return Stage.RUNNING if today <= ends_on else Stage.NOT_REACHED


def progress_bp(done: int, goal: int) -> int:
    """Return how much of a goal is done, in basis points; more than all is all."""
    return min(max(done, 0) * WHOLE_BP // goal, WHOLE_BP)


def share_bp(part: int, whole: int) -> int:
    """Return what part of a whole somebody's money is, in basis points, rounded down."""
    return min(part * WHOLE_BP // whole, WHOLE_BP) if whole > 0 else 0


def seen_name(text: str) -> str:
    """Return a name as it is seen: no signs that hide or turn letters, single blanks."""
    shown = "".join(
        letter if unicodedata.category(letter) not in _UNSEEN else " " for letter in text
    )
    return " ".join(shown.split())


def bounds_of(year: int) -> tuple[datetime, datetime]:
    """Return when a year begins and when the next one does, in UTC."""
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)


def is_lived(year: int, today: date) -> bool:
    """Say whether there can be something to tell of a year."""
    return FIRST_YEAR <= year <= today.year

"""What can be followed, how often one wants to hear of it, and the links in letters. Pure."""

import enum
import re
import uuid
from datetime import date, datetime, time, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.core.slugs import slug_of


class Kind(enum.StrEnum):
    """What can be followed; the columns of `follow` and `news` are called `<kind>_id`."""

    PROJECT = "project"
    COMPANY = "company"
    PERSON = "person"
    TEAM = "team"


class Frequency(enum.StrEnum):
    """How often letters come about something that is followed."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"
    """It stands among the news, and no letter comes."""


class NewsKind(enum.StrEnum):
    """What there is to hear; each is told of a row of one table."""

    UPDATE = "update"
    """Of a project: `project_update`."""
    CORRECTION = "correction"
    """An update reads otherwise now, or was taken back: `update_version`."""
    OUTCOME = "outcome"
    """A measured value, or the correction of one: `outcome`."""
    SPENDING = "spending"
    """What a project showed receipts for on one day: all of its `spending` of that day."""
    REPORT = "report"
    """A company's report, or a later version of one: `report_version`."""
    ANSWER = "answer"
    """To a question in public: `question`."""
    PLEDGE = "pledge"
    """Another promise, of a company or for one of its products: `pledge_change`."""
    CHALLENGE = "challenge"
    """Of a team: what it sets out to do has begun: `team_challenge`."""
    REACHED = "reached"
    """Of a team: what it set out to do is done: `team_challenge`."""
    NOT_REACHED = "not_reached"
    """Of a team: the days of what it set out to do are over: `team_challenge`."""
    CAPTAIN = "captain"
    """Of a team: who leads it now: `team_member`."""


DEFAULT_FREQUENCY = Frequency.AT_ONCE
"""Of who presses the button: they expect the letter that the button speaks of."""

DIGEST_AT = time(6)
"""When the day's letter is made up, in UTC: what is told later is in tomorrow's."""
WEEKLY_ON = 0
"""Monday, as `date.weekday` counts."""
LOOK_BACK = timedelta(days=15)
"""What is older is no news any more: a server that stood still for months writes no book."""
KEPT_FOR = timedelta(days=90)
"""So long it is known what was written to whom."""
COLLECT_FOR = timedelta(hours=1)
"""So long receipts are waited for: who shows twenty in a row is heard of once."""
MOST_IN_LETTER = 40
"""So many things a letter tells; the rest is behind its link."""

_NAMESPACE = uuid.UUID("6b1f3f0c-58a4-5d2b-8b63-6d0f5b7f1c11")
_PERSON_KEY = re.compile(r"(?:.*-)?([0-9a-f]{12})")


def day_of_spending(project_id: uuid.UUID, at: datetime) -> uuid.UUID:
    """Return the name of all that a project showed receipts for on the day of a moment."""
    return uuid.uuid5(_NAMESPACE, f"{project_id}:{at.date().isoformat()}")


def digest_until(now: datetime) -> datetime | None:
    """Return up to when today's letter tells; None as long as it is not time for it."""
    until = datetime.combine(now.date(), DIGEST_AT, tzinfo=now.tzinfo)
    return until if until <= now else None


def frequencies_of(day: date) -> list[Frequency]:
    """Return whose letters are made up on a day."""
    return [Frequency.DAILY, *([Frequency.WEEKLY] if day.weekday() == WEEKLY_ON else [])]


def person_slug(name: str, user_id: uuid.UUID) -> str:
    """Return the end of a person's address: their name, and what tells them from others."""
    return f"{slug_of(name, fallback='person')}-{user_id.hex[-12:]}"


def person_key(slug: str) -> str | None:
    """Return by what a person is found: an address stays theirs when the name changes."""
    found = _PERSON_KEY.fullmatch(slug)
    return found.group(1) if found else None


EVERYTHING = "everything"
"""In a link: all letters about what is followed."""


def stop_token(secret: str, *, user_id: uuid.UUID, what: str, which: uuid.UUID | None) -> str:
    """Return what stands in the foot of a letter; it does not expire, as the letter does not.

    `what` is a kind of what is followed (`which` one), a kind of letter, or `EVERYTHING`.
    """
    return str(_signer(secret).dumps([str(user_id), what, str(which or "")]))


def read_stop_token(secret: str, token: str) -> tuple[uuid.UUID, str, uuid.UUID | None] | None:
    """Return whose letters about what are meant, or None for a forged token."""
    try:
        user_id, what, *which = _signer(secret).loads(token)
        if not which:  # of a letter that was sent when only projects could be followed
            what, which = Kind.PROJECT.value, [what]
        return uuid.UUID(user_id), str(what), uuid.UUID(which[0]) if which[0] else None
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="unfollow")

"""How long to wait before trying again, and when a server counts as gone."""

from datetime import datetime, timedelta

WAITS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 30)),
    *(timedelta(hours=hours) for hours in (2, 6, 12, 24, 48)),
)
"""After the first, the second, ... failed try; after the last one nothing is tried any more."""
GONE_AFTER = timedelta(days=7)
"""A server that failed for so long gets nothing more, until it is heard from again."""
KEEP_DELIVERIES = timedelta(days=30)
AGAIN = frozenset({401, 408, 425, 429})
"""Refusals that may be lifted: we are not known yet, or were too fast."""
PERSON_STAYS_KNOWN = timedelta(days=1)
"""So long after it was fetched a key that does not fit is taken for the right one."""
FETCHES = 3
"""How often somebody's description is asked for before what they sent is forgotten."""


def next_try(attempts: int, *, now: datetime) -> datetime | None:
    """Return when to try again after so many tries; None: never."""
    return now + WAITS[attempts - 1] if attempts <= len(WAITS) else None


def may_succeed_later(status: int) -> bool:
    """Say whether a refusal may be another one later."""
    return status in AGAIN or status >= 500


def is_gone(failing_since: datetime | None, *, now: datetime) -> bool:
    """Say whether a server has been failing for so long that it counts as gone."""
    return failing_since is not None and now - failing_since > GONE_AFTER

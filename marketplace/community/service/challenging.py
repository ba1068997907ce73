"""What a team sets out to do, and thinks better of."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from marketplace.community import queries
from marketplace.community.models import TeamChallenge
from marketplace.community.rules import Counts
from marketplace.core.db import session
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id

LONGEST_DAYS = 366


@dataclass(frozen=True)
class ChallengeWish:
    """What is counted, until how much of it is there, between which days (both included)."""

    title: str
    counts: Counts
    goal: int
    starts_on: date
    ends_on: date


def set_challenge(*, team_id: uuid.UUID, wish: ChallengeWish, now: datetime) -> TeamChallenge:
    """Let a team set out to do something; one thing at a time.

    :raises Invalid: the days are in no order, too far apart or over, or another one is not over.
    """
    queries.lock_team(team_id)
    today = now.date()
    if wish.ends_on < wish.starts_on:
        raise Invalid(fields={"ends_on": _l("It ends before it begins.")})
    if wish.ends_on < today:
        raise Invalid(fields={"ends_on": _l("This day is over.")})
    if (wish.ends_on - wish.starts_on).days >= LONGEST_DAYS:
        raise Invalid(fields={"ends_on": _l("A challenge takes a year at most.")})
    if any(one.ends_on >= today for one in queries.list_open_challenges(team_id)):
        raise Invalid(
            fields={"title": _l("Another challenge is not over yet. Take that one back first.")}
        )
    challenge = TeamChallenge(
        id=new_id(),
        team_id=team_id,
        title=wish.title,
        counts=wish.counts,
        goal=wish.goal,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        created_at=now,
    )
    session.add(challenge)
    session.flush()
    return challenge


def withdraw_challenge(*, team_id: uuid.UUID, challenge_id: uuid.UUID, now: datetime) -> None:
    """Take a challenge back that is not over; it is not shown any more.

    :raises NotFound: the team has none like it, or it is over: how it ended stays.
    """
    queries.lock_team(team_id)
    found = [
        one
        for one in queries.list_open_challenges(team_id)
        if one.id == challenge_id and one.ends_on >= now.date()
    ]
    if not found:
        raise NotFound
    found[0].withdrawn_at = now
    session.flush()

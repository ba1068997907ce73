"""What a team sets out to do, and thinks better of."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from marketplace.community import queries
from marketplace.community.models import TeamChallenge
from marketplace.community.rules import Counts, Stage
from marketplace.core.db import session
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following import queries as following_queries
from marketplace.following import service as following
from marketplace.following.rules import NewsKind

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
    following.untell(subject_id=challenge_id)
    session.flush()


def tell_challenges(*, team_id: uuid.UUID, is_held: bool, now: datetime) -> None:
    """Let be heard which challenges of a team have begun, and which are reached or over.

    :param is_held: whether sums stand on no page, as a difference is looked into
    :raises NotFound: the team was dissolved meanwhile.
    """
    team = queries.lock_team(team_id)
    for one in queries.list_challenges(team_id, team.currency):
        stage = one.stage(now.date())
        if stage is not Stage.AHEAD:
            begun_at = max(_midnight(one.starts_on), one.created_at)
            _tell(team_id, NewsKind.CHALLENGE, one.id, begun_at)
        over_at = min(now, _midnight(one.ends_on + timedelta(days=1)))
        if is_held or following_queries.is_told(NewsKind.REACHED, one.id):
            continue
        if stage is Stage.REACHED:
            _tell(team_id, NewsKind.REACHED, one.id, over_at)
        elif stage is Stage.NOT_REACHED:
            _tell(team_id, NewsKind.NOT_REACHED, one.id, over_at)


def _tell(team_id: uuid.UUID, kind: NewsKind, challenge_id: uuid.UUID, at: datetime) -> None:
    following.tell(kind=kind, subject_id=challenge_id, team_id=team_id, person_id=None, at=at)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

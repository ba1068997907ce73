"""Whom to write to of a team, and of which challenges there is something to tell."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.community.models import TeamMember
from marketplace.core.db import session


def list_people(
    team_id: uuid.UUID,
    *,
    ended_at: datetime | None = None,
    after: uuid.UUID | None = None,
    limit: int = 200,
) -> Sequence[uuid.UUID]:
    """Return who is in a team now, or was until a moment, in order of id; who can get letters."""
    query = _of_people(team_id, ended_at).order_by(User.id).limit(limit)
    if after is not None:
        query = query.where(User.id > after)
    return session.scalars(query).all()


def list_own_people(
    team_id: uuid.UUID, among: Iterable[uuid.UUID], *, ended_at: datetime
) -> Sequence[uuid.UUID]:
    """Return who of some people was in a team until a moment."""
    return session.scalars(_of_people(team_id, ended_at).where(User.id.in_(among))).all()


def _of_people(team_id: uuid.UUID, ended_at: datetime | None) -> sa.Select[uuid.UUID]:
    return (
        sa.select(User.id)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(
            TeamMember.team_id == team_id,
            TeamMember.left_at.is_not_distinct_from(ended_at),
            User.blocked_at.is_(None),
            User.email_confirmed_at.is_not(None),
        )
    )


_TO_LOOK_AT = sa.text(
    """
    select distinct challenge.team_id from team_challenge challenge
    join team on team.id = challenge.team_id and team.dissolved_at is null
    where challenge.withdrawn_at is null and challenge.starts_on <= :today
        and challenge.ends_on > cast(:today as date) - 400
        and not exists (select from news where news.subject_id = challenge.id
            and news.kind in ('reached', 'not_reached'))
        and (cast(:after as uuid) is null or challenge.team_id > :after)
    order by challenge.team_id limit :limit
    """
)


def list_to_look_at(
    today: date, *, after: uuid.UUID | None = None, limit: int = 200
) -> Sequence[uuid.UUID]:
    """Return teams with a challenge that has begun and of whose end nothing was told, by id."""
    values = {"today": today, "after": after, "limit": limit}
    return session.scalars(_TO_LOOK_AT, values).all()

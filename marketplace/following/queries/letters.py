"""Which letters are due, and what is in them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.following.models import UnwantedLetter
from marketplace.following.queries.news import HEARD
from marketplace.following.rules import LOOK_BACK, Kind, frequencies_of

_MATCHES = " or ".join(f"follow.{kind}_id = news.{kind}_id" for kind in Kind)
_CAN_GET = "person.blocked_at is null and person.email_confirmed_at is not null"

_TO_TELL = sa.text(
    f"""
    select distinct follow.user_id from follow
    join news on news.id = :news and ({_MATCHES})
    join user_account person on person.id = follow.user_id
    where follow.frequency = 'at_once' and {_CAN_GET} and news.at >= follow.since_at
        and {HEARD}
        and follow.user_id is distinct from news.person_id
        and (cast(:after as uuid) is null or follow.user_id > :after)
    order by follow.user_id limit :limit
    """  # noqa: S608  # our own constants
)


def list_to_tell(
    news_id: uuid.UUID, *, after: uuid.UUID | None = None, limit: int = 200
) -> Sequence[uuid.UUID]:
    """Return who wants a letter about something at once, in order of id; not who told it."""
    return session.scalars(_TO_TELL, {"news": news_id, "after": after, "limit": limit}).all()


@dataclass(frozen=True)
class Reason:
    """Why somebody gets a letter: what they follow."""

    kind: Kind
    thing_id: uuid.UUID
    name: str


_REASON = sa.text(
    f"""
    select case when follow.project_id is not null then 'project'
            when follow.company_id is not null then 'company'
            when follow.team_id is not null then 'team' else 'person' end,
        coalesce(follow.project_id, follow.company_id, follow.team_id, follow.person_id),
        coalesce(project.title, company.name, team.name, told.name)
    from follow join news on news.id = :news and ({_MATCHES})
    join user_account person on person.id = follow.user_id
    left join project on project.id = follow.project_id
    left join company on company.id = follow.company_id
    left join team on team.id = follow.team_id
    left join user_account told on told.id = follow.person_id
    where follow.user_id = :user and follow.frequency = 'at_once' and {_CAN_GET}
    order by follow.created_at, follow.id limit 1
    """  # noqa: S608  # our own constants
)


def find_reason(news_id: uuid.UUID, user_id: uuid.UUID) -> Reason | None:
    """Return why somebody gets a letter about something at once; None where they do not."""
    row = session.execute(_REASON, {"news": news_id, "user": user_id}).one_or_none()
    return Reason(Kind(row[0]), row[1], row[2]) if row else None


DUE = f"""
    ({_MATCHES})
    and news.at > greatest(follow.since_at, :earliest) and news.at <= :until
    and news.person_id is distinct from follow.user_id and {HEARD}
    and not exists (select from news_sent sent
        where sent.user_id = follow.user_id and sent.news_id = news.id)
"""
"""SQL: what holds of a row of `news` that is due to the one whose `follow` it is."""

_DUE_PEOPLE = sa.text(
    f"""
    select distinct follow.user_id from follow
    join user_account person on person.id = follow.user_id
    left join digest on digest.user_id = follow.user_id and digest.on_day = :day
    where follow.frequency = any(:frequencies) and {_CAN_GET} and digest.sent_at is null
        and (digest.user_id is not null or exists (select from news where {DUE}))
        and (cast(:after as uuid) is null or follow.user_id > :after)
    order by follow.user_id limit :limit
    """  # noqa: S608  # our own constants
)


def list_due(
    day: date, until: datetime, *, after: uuid.UUID | None = None, limit: int = 200
) -> Sequence[uuid.UUID]:
    """Return to whom the letter of a day goes, or has not gone yet, in order of id."""
    values = window(day, until) | {"after": after, "limit": limit}
    return session.scalars(_DUE_PEOPLE, values).all()


def window(day: date, until: datetime) -> dict[str, object]:
    """Return the bounds of what a day's letter tells, as `DUE` names them."""
    return {
        "day": day,
        "until": until,
        "earliest": until - LOOK_BACK,
        "frequencies": [one.value for one in frequencies_of(day)],
    }


_GETS_DIGESTS = sa.text(
    f"""
    select exists (select from follow join user_account person on person.id = follow.user_id
        where follow.user_id = :user and follow.frequency in ('daily', 'weekly') and {_CAN_GET})
    """  # noqa: S608  # our own constants
)


def gets_digests(user_id: uuid.UUID) -> bool:
    """Say whether somebody wants a letter of many things, and can get one."""
    return bool(session.scalar(_GETS_DIGESTS, {"user": user_id}))


def list_unwanted(user_id: uuid.UUID) -> Sequence[str]:
    """Return the kinds of letters that somebody does not want."""
    query = sa.select(UnwantedLetter.kind).where(UnwantedLetter.user_id == user_id)
    return session.scalars(query).all()


def is_wanted(user_id: uuid.UUID, kind: str) -> bool:
    """Say whether somebody has not refused a kind of letter."""
    return session.get(UnwantedLetter, (user_id, kind), populate_existing=True) is None

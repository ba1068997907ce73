"""What was written to whom: claimed before it is sent, so that nothing is told twice."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.following.models import Digest, News, NewsSent
from marketplace.following.queries.letters import DUE, window
from marketplace.following.rules import KEPT_FOR


def begin_letter(*, news_id: uuid.UUID, user_id: uuid.UUID) -> bool:
    """Claim a letter about one thing; False where it was sent, or is a part of a day's letter."""
    session.execute(
        postgresql.insert(NewsSent)
        .values(user_id=user_id, news_id=news_id)
        .on_conflict_do_nothing()
    )
    key = (user_id, news_id)
    row = session.get_one(NewsSent, key, with_for_update=True, populate_existing=True)
    return row.sent_at is None and row.on_day is None


def end_letter(*, news_id: uuid.UUID, user_id: uuid.UUID, now: datetime) -> None:
    """Write down that it was handed over."""
    session.execute(
        sa.update(NewsSent)
        .where(NewsSent.user_id == user_id, NewsSent.news_id == news_id)
        .values(sent_at=now)
    )


_TAKE = sa.text(
    f"""
    insert into news_sent (user_id, news_id, on_day)
    select distinct follow.user_id, news.id, cast(:day as date) from follow join news on {DUE}
    where follow.user_id = :user and follow.frequency = any(:frequencies)
    on conflict do nothing
    """  # noqa: S608  # our own constants
)


def begin_digest(
    *, user_id: uuid.UUID, day: date, until: datetime, now: datetime
) -> Sequence[uuid.UUID]:
    """Make up the one letter of a day to somebody, and return what is in it.

    The second time it is the same letter. Nothing is returned where it was sent already or there
    is nothing to tell: then there is no letter, and the day is still free for one.
    """
    session.execute(
        postgresql.insert(Digest)
        .values(user_id=user_id, on_day=day, made_at=now)
        .on_conflict_do_nothing()
    )
    key = (user_id, day)
    letter = session.get_one(Digest, key, with_for_update=True, populate_existing=True)
    if letter.sent_at is not None:
        return []
    mine = sa.select(NewsSent.news_id).where(NewsSent.user_id == user_id, NewsSent.on_day == day)
    found = session.scalars(mine).all()
    if not found:
        session.execute(_TAKE, window(day, until) | {"user": user_id})
        found = session.scalars(mine).all()
    if not found:
        session.delete(letter)
        session.flush()
    return found


def end_digest(*, user_id: uuid.UUID, day: date, now: datetime) -> None:
    """Write down that it was handed over, or that nothing of it can be told any more."""
    session.execute(
        sa.update(Digest).where(Digest.user_id == user_id, Digest.on_day == day).values(sent_at=now)
    )


def forget_letters(*, now: datetime) -> None:
    """Forget what was written to whom long ago."""
    before = now - KEPT_FOR
    old = sa.select(News.id).where(News.at < before)
    session.execute(sa.delete(NewsSent).where(NewsSent.news_id.in_(old)))
    session.execute(sa.delete(Digest).where(Digest.on_day < before.date()))

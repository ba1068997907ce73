"""Following and stopping, and how often letters come."""

import uuid
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following.models import Follow, UnwantedLetter
from marketplace.following.queries.follows import column_of
from marketplace.following.rules import DEFAULT_FREQUENCY, Frequency, Kind

MOST_FOLLOWS = 1000


def follow(
    *,
    kind: Kind,
    thing_id: uuid.UUID,
    user_id: uuid.UUID,
    frequency: Frequency = DEFAULT_FREQUENCY,
    now: datetime,
) -> None:
    """Begin to hear of something; who follows it already goes on as before.

    :raises Conflict: one cannot follow oneself, nor more things than anybody reads of.
    """
    if kind is Kind.PERSON and thing_id == user_id:
        raise Conflict(_l("You know already what you do."))
    mine = sa.select(sa.func.count()).select_from(Follow).where(Follow.user_id == user_id)
    if (session.scalar(mine) or 0) >= MOST_FOLLOWS:
        raise Conflict(_l("You follow a thousand things already. Stop following some first."))
    session.execute(
        postgresql.insert(Follow)
        .values(
            id=new_id(),
            user_id=user_id,
            frequency=frequency,
            created_at=now,
            since_at=now,
            **{f"{kind}_id": thing_id},
        )
        .on_conflict_do_nothing()
    )


def unfollow(*, kind: Kind, thing_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Hear no more of something."""
    session.execute(sa.delete(Follow).where(Follow.user_id == user_id, column_of(kind) == thing_id))


def end_follows(*, kind: Kind, thing_id: uuid.UUID, limit: int) -> dict[uuid.UUID, Frequency]:
    """Let some of those who follow what is gone follow it no more; return who they were."""
    some = sa.select(Follow.id).where(column_of(kind) == thing_id).order_by(Follow.id).limit(limit)
    gone = sa.delete(Follow).where(Follow.id.in_(some.with_for_update()))
    rows = session.execute(gone.returning(Follow.user_id, Follow.frequency))
    return {row.user_id: row.frequency for row in rows}


def choose(*, user_id: uuid.UUID, wanted: Mapping[uuid.UUID, Frequency], now: datetime) -> None:
    """Set how often letters come, by follow; those of others, or that are gone, stay as they are.

    Where none came before, letters tell only what happens from now on.
    """
    mine = sa.select(Follow).where(Follow.user_id == user_id, Follow.id.in_(wanted))
    for row in session.scalars(mine.order_by(Follow.id).with_for_update()):
        if row.frequency is Frequency.NEVER and wanted[row.id] is not Frequency.NEVER:
            row.since_at = now
        row.frequency = wanted[row.id]
    session.flush()


def stop(*, kind: Kind, thing_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Send no more letters about something; it stays among what is followed."""
    session.execute(
        sa.update(Follow)
        .where(Follow.user_id == user_id, column_of(kind) == thing_id)
        .values(frequency=Frequency.NEVER)
    )


def stop_everything(*, user_id: uuid.UUID) -> None:
    """Send no more letters about anything that somebody follows."""
    session.execute(
        sa.update(Follow).where(Follow.user_id == user_id).values(frequency=Frequency.NEVER)
    )


def refuse_letter(*, user_id: uuid.UUID, kind: str, is_wanted: bool = False, now: datetime) -> None:
    """Say of a kind of letter that it is not wanted, or that it is again."""
    if is_wanted:
        session.execute(
            sa.delete(UnwantedLetter).where(
                UnwantedLetter.user_id == user_id, UnwantedLetter.kind == kind
            )
        )
        return
    session.execute(
        postgresql.insert(UnwantedLetter)
        .values(user_id=user_id, kind=kind, created_at=now)
        .on_conflict_do_nothing()
    )

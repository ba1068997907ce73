"""Reads of who follows from elsewhere, and where it is told."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.federation.models import Delivery, RemoteActor, RemoteFollow, RemoteHost
from marketplace.federation.rules.waiting import GONE_AFTER


def find_actor(uri: str) -> RemoteActor | None:
    """Return somebody elsewhere of whom we know."""
    return session.scalar(
        sa.select(RemoteActor)
        .where(RemoteActor.uri == uri)
        .execution_options(populate_existing=True)
    )


def find_actor_by_handle(handle: str, host: str) -> RemoteActor | None:
    """Return somebody elsewhere by @name@host."""
    return session.scalar(
        sa.select(RemoteActor).where(
            RemoteActor.host == host, sa.func.lower(RemoteActor.handle) == handle.lower()
        )
    )


def count_followers(project_id: uuid.UUID) -> int:
    """Return how many follow a project from elsewhere."""
    counted = sa.select(sa.func.count()).select_from(RemoteFollow)
    return session.scalar(counted.where(RemoteFollow.project_id == project_id)) or 0


def list_follower_hosts(project_id: uuid.UUID, limit: int = 50) -> list[tuple[str, int]]:
    """Return the servers from which a project is followed, the most followers first."""
    count = sa.func.count()
    rows = session.execute(
        sa.select(RemoteActor.host, count)
        .join(RemoteFollow, RemoteFollow.actor_id == RemoteActor.id)
        .where(RemoteFollow.project_id == project_id)
        .group_by(RemoteActor.host)
        .order_by(count.desc(), RemoteActor.host)
        .limit(limit)
    )
    return [(row[0], int(row[1])) for row in rows]


def list_inboxes(
    project_id: uuid.UUID, *, after: str, limit: int, now: datetime
) -> Sequence[tuple[str, str]]:
    """Return where a project's followers are told (inbox, host), each place once.

    Servers that have failed for long are left out.
    """
    place = sa.func.coalesce(sa.func.nullif(RemoteActor.shared_inbox, ""), RemoteActor.inbox)
    rows = session.execute(
        sa.select(place, sa.func.min(RemoteActor.host))
        .join(RemoteFollow, RemoteFollow.actor_id == RemoteActor.id)
        .join(RemoteHost, RemoteHost.host == RemoteActor.host)
        .where(
            RemoteFollow.project_id == project_id,
            place > after,
            sa.or_(RemoteHost.failing_since.is_(None), RemoteHost.failing_since > now - GONE_AFTER),
        )
        .group_by(place)
        .order_by(place)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def find_delivery(delivery_id: uuid.UUID) -> Delivery | None:
    """Return a delivery with what is delivered."""
    return session.scalar(
        sa.select(Delivery)
        .where(Delivery.id == delivery_id)
        .options(joinedload(Delivery.activity))
        .execution_options(populate_existing=True)
    )

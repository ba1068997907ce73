"""Reads for the operator: servers, blocks, deliveries that failed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.federation.models import (
    Delivery,
    DeliveryState,
    FederationBlock,
    RemoteActor,
    RemoteFollow,
    RemoteHost,
)
from marketplace.federation.rules.addresses import host_of, names_of

PER_PAGE = 50


@dataclass(frozen=True)
class HostRow:
    """A server with what follows from there."""

    host: RemoteHost
    followers: int


def find_block(uri: str) -> FederationBlock | None:
    """Return why we have nothing to do with somebody: their own block, or one of their server."""
    targets = [uri, *names_of(host_of(uri))]
    return session.scalar(
        sa.select(FederationBlock).where(FederationBlock.target.in_(targets)).limit(1)
    )


def list_hosts(*, after: str = "") -> Page[HostRow]:
    """Return servers with the number of follows from there, by name."""
    follows = (
        sa.select(sa.func.count())
        .select_from(RemoteFollow)
        .join(RemoteActor, RemoteActor.id == RemoteFollow.actor_id)
        .where(RemoteActor.host == RemoteHost.host)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(RemoteHost, follows)
        .where(RemoteHost.host > after)
        .order_by(RemoteHost.host)
        .limit(PER_PAGE + 1)
    )
    found = [HostRow(row[0], int(row[1])) for row in rows]
    return page_of(found, PER_PAGE, lambda row: (row.host.host,))


def list_blocks() -> Sequence[FederationBlock]:
    """Return all blocks with who made them, by name."""
    return session.scalars(
        sa.select(FederationBlock)
        .options(joinedload(FederationBlock.by))
        .order_by(FederationBlock.target)
    ).all()


def list_failed(*, before: uuid.UUID | None = None) -> Page[Delivery]:
    """Return deliveries that were given up, with what was to be delivered; the newest first."""
    query = (
        sa.select(Delivery)
        .where(Delivery.state == DeliveryState.FAILED)
        .options(joinedload(Delivery.activity))
        .order_by(Delivery.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(Delivery.id < before)
    return page_of(session.scalars(query).all(), PER_PAGE, lambda row: (row.id,))


def lock_delivery(delivery_id: uuid.UUID) -> Delivery:
    """Return a delivery, held until the commit.

    :raises NotFound: there is none.
    """
    found = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found

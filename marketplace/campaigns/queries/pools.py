"""Reads of pools by whoever looks: the public, the sponsor, the operator, the jobs."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.campaigns.models import Pool, Reservation
from marketplace.campaigns.rules import PoolState, ReservationState
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of

WHOSE = (joinedload(Pool.company), joinedload(Pool.sponsor))
WHOLE = (*WHOSE, joinedload(Pool.cause), selectinload(Pool.projects))
PER_PAGE = 24
_POOL = Pool.__table__.c
REST = (
    _POOL.budget_minor
    - _POOL.reserved_minor
    - _POOL.used_minor
    - _POOL.returned_minor
    - _POOL.frozen_minor
    - _POOL.lost_minor
)
"""What is in a pool, kept for no order and not frozen."""


def get_public(slug: str) -> Pool:
    """Return a pool that was paid in, with its sponsor and what it is for.

    :raises NotFound: there is none, or it is a draft.
    """
    found = session.scalar(
        sa.select(Pool)
        .where(Pool.slug == slug, Pool.budget_minor > 0)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_public(*, before: tuple[datetime, uuid.UUID] | None = None) -> Page[Pool]:
    """Return pools that were paid in, those that end last first, by key."""
    query = (
        sa.select(Pool)
        .outerjoin(Pool.company)
        .where(
            Pool.budget_minor > 0,
            sa.or_(Pool.company_id.is_(None), Company.state != CompanyState.DRAFT),
        )
        .options(*WHOSE, joinedload(Pool.cause))
        .order_by(Pool.ends_at.desc(), Pool.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before is not None:
        query = query.where(sa.tuple_(Pool.ends_at, Pool.id) < before)
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    return page_of(rows, PER_PAGE, lambda pool: (pool.ends_at, pool.id))


def list_of_company(company_id: uuid.UUID) -> Sequence[Pool]:
    """Return a company's pools, drafts among them, the newest first."""
    return session.scalars(
        sa.select(Pool)
        .where(Pool.company_id == company_id)
        .options(joinedload(Pool.cause))
        .order_by(Pool.id.desc())
        .limit(200)
    ).all()


def get_of_company(company_id: uuid.UUID, slug: str) -> Pool:
    """Return a pool of a company in whatever state.

    :raises NotFound: the company has none of this name.
    """
    found = session.scalar(
        sa.select(Pool).where(Pool.company_id == company_id, Pool.slug == slug).options(*WHOLE)
    )
    if found is None:
        raise NotFound
    return found


def list_all(limit: int = 200) -> Sequence[Pool]:
    """Return pools for the operator, those that end last first."""
    return session.scalars(
        sa.select(Pool)
        .options(*WHOSE, joinedload(Pool.cause))
        .order_by(Pool.ends_at.desc(), Pool.id.desc())
        .limit(limit)
    ).all()


def get_pool(pool_id: uuid.UUID) -> Pool:
    """Return a pool as it is now, with whose it is.

    :raises NotFound: there is none.
    """
    found = session.get(Pool, pool_id, options=WHOSE, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def lock_pool(pool_id: uuid.UUID) -> Pool | None:
    """Return a pool as it is, held until the commit."""
    return session.scalar(
        sa.select(Pool)
        .where(Pool.id == pool_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def list_to_end(now: datetime) -> list[uuid.UUID]:
    """Return the pools whose time is over, and those that are over and still have money."""
    query = sa.select(Pool.id).where(
        sa.or_(
            sa.and_(Pool.state == PoolState.FUNDED, Pool.ends_at <= now),
            sa.and_(Pool.state == PoolState.ENDED, REST > 0),
        )
    )
    return list(session.scalars(query.order_by(Pool.id)))


def list_of_order(order_id: uuid.UUID) -> dict[uuid.UUID, Pool]:
    """Return for each matched project of an order the pool that adds to it, with its sponsor."""
    rows = session.execute(
        sa.select(Reservation.project_id, Pool)
        .join(Pool, Pool.id == Reservation.pool_id)
        .where(Reservation.order_id == order_id, Reservation.state != ReservationState.RETURNED)
        .options(*WHOSE)
    )
    return dict(rows.all())

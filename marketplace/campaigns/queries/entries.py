"""What the ledger says of a pool's money."""

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.campaigns.models import Reservation
from marketplace.campaigns.rules import ReservationState
from marketplace.core.db import session
from marketplace.core.paging import Page, page_of

PER_PAGE = 50
NEWEST = 2**63 - 1


@dataclass(frozen=True)
class PoolEntry:
    """A transfer of a pool's money. Of the moment only the day is told."""

    id: int
    day: date
    kind: str
    project: str | None
    slug: str | None
    effect_minor: int
    """What it changes in what the pool has: more or less."""


_ENTRIES = sa.text(
    """
    with mine as (
        select id from ledger_account where purpose = 'matching_pool' and owner_id = :pool
    ), page as (
        (select transfer.* from ledger_transfer transfer
        where debit_id = (select id from mine) and transfer.id < :below
        order by id desc limit :limit)
        union all
        (select transfer.* from ledger_transfer transfer
        where credit_id = (select id from mine) and transfer.id < :below
        order by id desc limit :limit)
    )
    select page.id, (happened.effective_at at time zone 'UTC')::date, happened.kind,
        project.title, project.slug,
        case when page.credit_id = (select id from mine) then page.amount_minor
            else -page.amount_minor end
    from page
    join ledger_transaction happened on happened.id = page.transaction_id
    join ledger_account other on other.id = case
        when page.credit_id = (select id from mine) then page.debit_id else page.credit_id end
    left join project on project.id = other.owner_id
    order by page.id desc limit :limit
    """
)


def list_entries(pool_id: uuid.UUID, *, below: int = NEWEST) -> Page[PoolEntry]:
    """Return entries of a pool's account, the newest first, below an entry's number."""
    rows = session.execute(_ENTRIES, {"pool": pool_id, "below": below, "limit": PER_PAGE + 1})
    return page_of([PoolEntry(*row) for row in rows], PER_PAGE, lambda one: (one.id,))


@dataclass(frozen=True)
class ProjectSum:
    """What a pool gave to a project, less what came back."""

    slug: str
    title: str
    amount_minor: int


# What came back is taken off the project that it was given to, wherever it had gone on to.
_BY_PROJECT = sa.text(
    """
    with mine as (
        select id from ledger_account where purpose = 'matching_pool' and owner_id = :pool
    )
    select project.slug, project.title, sum(moved.minor)::bigint
    from (
        select credit_id as other_id, amount_minor from ledger_transfer
        where debit_id = (select id from mine)
        union all
        select coalesce(given.credit_id, back.debit_id), -back.amount_minor
        from ledger_transfer back left join ledger_transfer given on given.id = back.origin_id
        where back.credit_id = (select id from mine)
    ) moved (other_id, minor)
    join ledger_account other on other.id = moved.other_id
    join project on project.id = other.owner_id
    group by project.id having sum(moved.minor) <> 0
    order by 3 desc, project.id limit 50
    """
)


def by_project(pool_id: uuid.UUID) -> list[ProjectSum]:
    """Return what a pool gave to which project, the most first."""
    return [ProjectSum(*row) for row in session.execute(_BY_PROJECT, {"pool": pool_id})]


def count_orders(pool_id: uuid.UUID) -> int:
    """Return how many orders a pool added something to."""
    query = sa.select(sa.func.count(sa.distinct(Reservation.order_id))).where(
        Reservation.pool_id == pool_id, Reservation.state == ReservationState.USED
    )
    return session.scalar(query) or 0

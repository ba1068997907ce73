"""Reads of receipts, of those that are missing, and of the payouts that they belong to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.projects.models import SPENDING_COUNTS, Spending
from marketplace.spending.models import SpendingDraft

PER_PAGE = 30
PAYOUTS_SHOWN = 12
DRAFTS_SHOWN = 100

Key = tuple[date, uuid.UUID]


def list_spendings(project_id: uuid.UUID, *, after: Key | None = None) -> Page[Spending]:
    """Return a project's receipts, the newest first; corrected ones are among them."""
    query = (
        sa.select(Spending)
        .where(Spending.project_id == project_id)
        .options(joinedload(Spending.receipt), joinedload(Spending.document))
        .order_by(Spending.spent_on.desc(), Spending.id.desc())
        .limit(PER_PAGE + 1)
    )
    if after:
        key = sa.tuple_(Spending.spent_on, Spending.id)
        query = query.where(key < sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (row.spent_on, row.id))


def list_corrections(spending_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Spending]:
    """Return what corrects each of some receipts, where something does."""
    rows = session.scalars(sa.select(Spending).where(Spending.corrects_id.in_(spending_ids)))
    return {row.corrects_id: row for row in rows if row.corrects_id is not None}


def get_spending(project_id: uuid.UUID, spending_id: uuid.UUID) -> Spending:
    """Return a receipt of a project.

    :raises NotFound: there is none; of other projects there is none either.
    """
    found = session.scalar(
        sa.select(Spending)
        .where(Spending.project_id == project_id, Spending.id == spending_id)
        .options(joinedload(Spending.receipt), joinedload(Spending.document))
    )
    if found is None:
        raise NotFound
    return found


def list_drafts(project_id: uuid.UUID) -> Sequence[SpendingDraft]:
    """Return what waits for a receipt, the oldest first."""
    return session.scalars(
        sa.select(SpendingDraft)
        .where(
            SpendingDraft.project_id == project_id,
            SpendingDraft.spending_id.is_(None),
            SpendingDraft.dismissed_at.is_(None),
        )
        .order_by(SpendingDraft.spent_on, SpendingDraft.id)
        .limit(DRAFTS_SHOWN)
    ).all()


def lock_draft(project_id: uuid.UUID, draft_id: uuid.UUID) -> SpendingDraft:
    """Return what waits for a receipt, held until the commit.

    :raises NotFound: there is none, or its receipt came already.
    """
    found = session.scalar(
        sa.select(SpendingDraft)
        .where(
            SpendingDraft.id == draft_id,
            SpendingDraft.project_id == project_id,
            SpendingDraft.spending_id.is_(None),
            SpendingDraft.dismissed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_known(project_id: uuid.UUID, keys: Sequence[bytes]) -> dict[bytes, SpendingDraft]:
    """Return by their keys the rows that were brought before, held until the commit."""
    rows = session.scalars(
        sa.select(SpendingDraft)
        .where(SpendingDraft.project_id == project_id, SpendingDraft.import_key.in_(keys))
        .order_by(SpendingDraft.id)
        .with_for_update()
    )
    return {row.import_key: row for row in rows}


@dataclass(frozen=True)
class PaidFor:
    """A part of a payout, and the receipt that it is in."""

    spending_id: uuid.UUID
    spent_on: date
    purpose: str
    part_minor: int


@dataclass(frozen=True)
class PaidOut:
    """A payout to a project, and what it paid for: first paid out, first spent."""

    number: int
    paid_at: datetime
    amount_minor: int
    """Without what came back."""
    parts: Sequence[PaidFor]

    @property
    def unspent_minor(self) -> int:
        """Return what of it has no receipt yet."""
        return self.amount_minor - sum(part.part_minor for part in self.parts)


# Both in one line, end to end: where a stretch of what was paid overlaps one of what was spent.
_PAID_OUT = sa.text(
    f"""
    with paid as (
        select number, paid_at, amount_minor - returned_minor as minor,
            sum(amount_minor - returned_minor) over (order by paid_at, number) as upto
        from payout
        where payee_id = :project and state = 'paid' and currency = :currency
    ), shown as (
        select * from paid where minor > 0 order by upto desc limit :limit
    ), spent as (
        select id, spent_on, purpose, amount_minor,
            sum(amount_minor) over (order by spent_on, created_at, id) as upto
        from spending where project_id = :project and {SPENDING_COUNTS}
    )
    select shown.number, shown.paid_at, shown.minor, spent.id, spent.spent_on, spent.purpose,
        (least(shown.upto, spent.upto)
            - greatest(shown.upto - shown.minor, spent.upto - spent.amount_minor))::bigint
    from shown left join spent
        on spent.amount_minor > 0
        and spent.upto > shown.upto - shown.minor and spent.upto - spent.amount_minor < shown.upto
    order by shown.upto desc, spent.upto
    """  # noqa: S608  # our own constant
)


def list_paid_out(
    project_id: uuid.UUID, currency: str, limit: int = PAYOUTS_SHOWN
) -> list[PaidOut]:
    """Return the newest payouts to a project, each with the receipts that its money is in."""
    bounds = {"project": project_id, "currency": currency, "limit": limit}
    found: dict[int, tuple[datetime, int, list[PaidFor]]] = {}
    for number, paid_at, minor, *part in session.execute(_PAID_OUT, bounds):
        _at, _minor, parts = found.setdefault(number, (paid_at, minor, []))
        if part[0] is not None:
            parts.append(PaidFor(*part))
    return [PaidOut(number, *told) for number, told in found.items()]

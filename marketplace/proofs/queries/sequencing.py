"""What the sequencer reads: transfers that are not in the log yet, and where the log ended.

A lower number may appear after a higher one is in the log. Each run therefore looks again at
everything above a *horizon* and takes what the log does not have; `ledger.models.Following` says
when the horizon moves.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.proofs.models import DayOfProject, Leaf
from marketplace.proofs.queries.invariants import ACCOUNTS_OF_PROJECTS
from marketplace.proofs.rules.events import Moved

LOCK = 0x70726F6F66
"""The sequencer's advisory lock: one of them writes at a time."""
Place = tuple[uuid.UUID, str]
"""A project and a currency."""

MOVED = """transfer.id, transaction.kind, transaction.effective_at, transfer.currency,
    transfer.amount_minor, coalesce(transfer.allocation_id, origin.allocation_id),
    debit.purpose, debit.owner_id, debit.source, debit.id in (select id from mine),
    credit.purpose, credit.owner_id, credit.source, credit.id in (select id from mine)"""
_UNLOGGED = sa.text(
    f"""
    with mine as materialized ({ACCOUNTS_OF_PROJECTS})
    select {MOVED}
    from (
        select * from ledger_transfer transfer
        where transfer.id > :after
            and (debit_id in (select id from mine) or credit_id in (select id from mine))
            and not exists (select from proof_leaf where transfer_id = transfer.id)
        order by transfer.id limit :limit
    ) transfer
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
    left join ledger_transfer origin on origin.id = transfer.origin_id
    order by transfer.id
    """  # noqa: S608  # our own constants
)


def list_unlogged(*, after_id: int, limit: int) -> list[Moved]:
    """Return transfers of projects' money above a number that are not in the log, in order."""
    rows = session.execute(_UNLOGGED, {"after": after_id, "limit": limit})
    return [moved_of(row) for row in rows.all()]


def moved_of(row: Any) -> Moved:  # Any: columns of many types
    """Return what a row of `MOVED` says."""
    debit, credit = row[6:10], row[10:14]
    return Moved(row[0], row[1], row[2], row[3], row[4], row[5], debit, credit)


def lock_sequencer() -> bool:
    """Become the only sequencer until the commit; False if another is at it."""
    query = sa.text("select pg_try_advisory_xact_lock(:key)")
    return bool(session.scalar(query, {"key": LOCK}))


def find_last() -> tuple[int, date | None, bool]:
    """Return how many leaves there are, the last one's day and whether that is an event."""
    row = session.execute(
        sa.select(Leaf.index, Leaf.day, Leaf.transfer_id).order_by(Leaf.index.desc()).limit(1)
    ).one_or_none()
    return (0, None, False) if row is None else (row[0] + 1, row[1], row[2] is not None)


def list_open_leaves() -> Sequence[tuple[uuid.UUID, str, bytes, int, int]]:
    """Return the events since the last day's sums, by project and in their order."""
    closed = sa.select(sa.func.max(DayOfProject.index)).scalar_subquery()
    query = (
        sa.select(Leaf.project_id, Leaf.currency, Leaf.entry, Leaf.move, Leaf.amount_minor)
        .where(Leaf.index > sa.func.coalesce(closed, -1))
        .order_by(Leaf.project_id, Leaf.currency, Leaf.position)
    )
    return session.execute(query).all()  # type: ignore[return-value]  # rows are such tuples


_COUNTS = sa.text(
    "select wanted.project_id, wanted.currency, coalesce(("
    "  select max(position) + 1 from proof_leaf leaf where leaf.project_id = wanted.project_id"
    "  and leaf.currency = wanted.currency and leaf.day = :day), 0) "
    "from unnest(cast(:projects as uuid[]), cast(:currencies as text[])) "
    "     wanted(project_id, currency)"
)


def count_of_day(places: Collection[Place], day: date) -> dict[Place, int]:
    """Return how many events of a day each project has."""
    rows = session.execute(_COUNTS, {"day": day, **_split(places)})
    return {(project, currency): count for project, currency, count in rows}


_TOTALS = sa.text(
    "select wanted.project_id, wanted.currency, day.total "
    "from unnest(cast(:projects as uuid[]), cast(:currencies as text[])) "
    "     wanted(project_id, currency) "
    "cross join lateral (select total from proof_day day where day.project_id = wanted.project_id "
    "  and day.currency = wanted.currency order by day.day desc limit 1) day"
)


def totals_of(places: Collection[Place]) -> dict[Place, bytes]:
    """Return each project's running total as it was last published."""
    rows = session.execute(_TOTALS, _split(places))
    return {(project, currency): total for project, currency, total in rows}


def _split(places: Collection[Place]) -> dict[str, object]:
    return {"projects": [one[0] for one in places], "currencies": [one[1] for one in places]}

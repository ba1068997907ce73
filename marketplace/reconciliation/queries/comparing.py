"""Where a run goes on, what each side says, and what differs."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.reconciliation.models import Difference, Run
from marketplace.reconciliation.rules import Compared, Said, Side, Stage, key_of_effect

PER_PAGE = 50


def find_open_run() -> Run | None:
    """Return the run that has not ended."""
    return session.scalar(sa.select(Run).where(Run.stage != Stage.DONE))


def find_last_run() -> Run | None:
    """Return the run that ended last."""
    return session.scalar(
        sa.select(Run).where(Run.stage == Stage.DONE).order_by(Run.started_at.desc()).limit(1)
    )


def lock_run(run_id: uuid.UUID) -> Run:
    """Return a run, held until the commit.

    :raises NotFound: there is none.
    """
    run = session.scalar(
        sa.select(Run)
        .where(Run.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound
    return run


_IN_BOOK = sa.text(
    """
    select happened.id, happened.effect_key, happened.effective_at, account.currency,
        payment.charge_id, coalesce(payout.provider_id, taken.params ->> 'about') as transfer_id,
        sum(case when transfer.debit_id = account.id then transfer.amount_minor
                 else -transfer.amount_minor end)::bigint as minor
    from (
        select * from ledger_transaction
        where id > :after and (cast(:since as timestamptz) is null or id > coalesce((
            select id from ledger_transaction where created_at < :since order by id desc limit 1
        ), 0))
        order by id limit :limit
    ) happened
    join ledger_transfer transfer on transfer.transaction_id = happened.id
    join ledger_account account on account.purpose = 'provider_clearing'
        and account.id in (transfer.debit_id, transfer.credit_id)
    left join payment on payment.id = split_part(happened.effect_key, ':', 2)
    left join payout on payout.id = happened.subject_id
    left join provider_command taken on happened.kind = 'transfer_reversed'
        and taken.provider_id = split_part(happened.effect_key, ':', 2)
    group by 1, 2, 3, 4, 5, 6 order by 1
    """
)
_LAST_IN_PAGE = sa.text(
    """
    select max(id), count(*) from (
        select id from ledger_transaction
        where id > :after and (cast(:since as timestamptz) is null or id > coalesce((
            select id from ledger_transaction where created_at < :since order by id desc limit 1
        ), 0))
        order by id limit :limit
    ) page
    """
)


def list_in_book(
    *, after: int, since: datetime | None, limit: int
) -> tuple[list[Said], int | None, int]:
    """Return what a page of the book says of the money at the provider; where it ends; its length.

    The page is of whole transactions, also of those that do not touch the provider.
    """
    given = {"after": after, "since": since, "limit": limit}
    last, count = session.execute(_LAST_IN_PAGE, given).one()
    rows = session.execute(_IN_BOOK, given)
    said = [
        Said(
            side=Side.LEDGER,
            id=f"{row.id}:{row.currency}",
            key=key_of_effect(row.effect_key, row.charge_id, row.transfer_id),
            currency=row.currency,
            minor=row.minor,
            at=row.effective_at,
        )
        for row in rows
    ]
    return said, last, count


_COMPARE = sa.text(
    """
    with candidate as (
        select key from reconciliation_said where run_id = :run
        union
        select key from reconciliation_said where at > cast(:young as timestamptz)
        union
        select key from reconciliation_difference where closed_at is null
    )
    select said.key, said.currency,
        -- what a bank has taken for a dispute is held in the book until the bank decides
        nullif(coalesce(sum(minor) filter (where side = 'ledger')::bigint, 0) - coalesce((
            select dispute.taken_minor from dispute
            where 'dispute:' || dispute.id = said.key and dispute.closed_at is null
        ), 0), 0),
        sum(minor) filter (where side = 'provider')::bigint,
        sum(minor) filter (where side = 'bank')::bigint,
        min(at)
    from reconciliation_said said join candidate using (key)
    group by said.key, said.currency
    """
)


def list_compared(run: Run, *, young: datetime | None) -> list[Compared]:
    """Return what all sides say of each key that a run has to look at.

    Those are what it read, what was too young for the run before (later than `young`), and what
    differed before.
    """
    rows = session.execute(
        _COMPARE,
        {"run": run.id, "young": young or datetime.min.replace(tzinfo=run.started_at.tzinfo)},
    )
    return [Compared(*row) for row in rows]


def list_open_differences() -> Sequence[Difference]:
    """Return every difference that stands, explained or not."""
    return session.scalars(sa.select(Difference).where(Difference.closed_at.is_(None))).all()


def count_unexplained() -> int:
    """Return how many differences stand that nobody has explained."""
    return (
        session.scalar(sa.select(sa.func.count()).select_from(Difference).where(*_UNEXPLAINED)) or 0
    )


_UNEXPLAINED = (Difference.closed_at.is_(None), Difference.explained_at.is_(None))


def lock_difference(difference_id: uuid.UUID) -> Difference:
    """Return a difference, held until the commit.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(Difference)
        .where(Difference.id == difference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_differences(
    which: str, *, before: tuple[datetime, uuid.UUID] | None = None
) -> Page[Difference]:
    """Return a page of differences: `unexplained`, `explained` (and standing) or `closed`."""
    wanted = {
        "explained": (Difference.closed_at.is_(None), Difference.explained_at.is_not(None)),
        "closed": (Difference.closed_at.is_not(None),),
    }.get(which, _UNEXPLAINED)
    query = (
        sa.select(Difference)
        .where(*wanted)
        .options(joinedload(Difference.explained_by))
        .order_by(Difference.found_at.desc(), Difference.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before:
        query = query.where(sa.tuple_(Difference.found_at, Difference.id) < before)
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (row.found_at.isoformat(), row.id))


def list_runs(limit: int = 10) -> Sequence[Run]:
    """Return the last runs, the newest first."""
    return session.scalars(sa.select(Run).order_by(Run.started_at.desc()).limit(limit)).all()

"""Writing of the reconciliation, a page at a time; who calls it commits after each."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.impact import queries as impact
from marketplace.impact.queries import CompanyTotals, ProjectTotals
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, PLATFORM_BANK, Entry, Kind, Purpose
from marketplace.payments.rules import BankPayoutSeen
from marketplace.reconciliation import queries
from marketplace.reconciliation.models import (
    BankPayout,
    Difference,
    Figure,
    Published,
    Run,
    SaidRow,
)
from marketplace.reconciliation.rules import GRACE, OVERLAP, Compared, Said, Stage

FIGURES_AT_A_TIME = 500
LEDGER_PAGE = 2_000
"""How many transactions of the book are read at a time."""

_NEXT = {
    Stage.MOVEMENTS: Stage.BANK,
    Stage.BANK: Stage.LEDGER,
    Stage.LEDGER: Stage.COMPARING,
}


def begin(*, now: datetime) -> Run:
    """Return the run that has not ended, or begin one where the last began."""
    session.execute(sa.text("select pg_advisory_xact_lock(hashtext('reconciliation'))"))
    if found := queries.find_open_run():
        return found
    last = queries.find_last_run()
    run = Run(
        id=new_id(),
        stage=Stage.MOVEMENTS,
        since=last.started_at - OVERLAP if last else None,
        started_at=now,
        rows_read=0,
        keys_compared=0,
        unexplained=0,
    )
    session.add(run)
    session.flush()
    return run


def keep_page(
    *,
    run_id: uuid.UUID,
    stage: Stage,
    cursor: str | None,
    said: Iterable[Said],
    next_cursor: str | None,
) -> bool:
    """Keep a page that was read at `cursor` of a stage; False if somebody else has gone on since.

    Without a next cursor the stage is over.
    """
    run = queries.lock_run(run_id)
    if (run.stage, run.cursor) != (stage, cursor):
        return False
    rows = list(said)
    _keep_rows(run, rows)
    run.rows_read += len(rows)
    run.cursor = next_cursor
    if next_cursor is None:
        run.stage = _NEXT[stage]
    return True


def keep_book(*, run_id: uuid.UUID) -> bool:
    """Keep the next page of our own book; False once all of it is read."""
    run = queries.lock_run(run_id)
    if run.stage is not Stage.LEDGER:
        return False
    said, last, count = queries.list_in_book(
        after=int(run.cursor or 0), since=run.since, limit=LEDGER_PAGE
    )
    is_over = count < LEDGER_PAGE
    return keep_page(
        run_id=run_id,
        stage=Stage.LEDGER,
        cursor=run.cursor,
        said=said,
        next_cursor=None if is_over else str(last),
    )


def _keep_rows(run: Run, rows: list[Said]) -> None:
    """Add rows that are new; of one that changed (a payout that failed) keep what is said now."""
    if not rows:
        return
    insert = postgresql.insert(SaidRow).values([{**asdict(row), "run_id": run.id} for row in rows])
    new = insert.excluded
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["side", "id"],
            set_={"key": new.key, "minor": new.minor, "run_id": new.run_id},
            where=(SaidRow.minor != new.minor) | (SaidRow.key != new.key),
        )
    )


def book_bank_payouts(*, seen: Iterable[BankPayoutSeen], now: datetime) -> None:
    """Enter what the provider sent to our own bank, and what came back of it. Each once.

    Nobody else tells us: so the reconciliation that reads it books it, and then compares it.
    """
    for one in seen:
        fresh = postgresql.insert(BankPayout).values(
            id=one.id,
            currency=one.currency,
            amount_minor=one.amount_minor,
            status=one.status,
            sent_at=one.created_at,
            returned_at=now if one.came_to_nothing else None,
        )
        came_back = sa.func.coalesce(BankPayout.returned_at, fresh.excluded.returned_at)
        session.execute(
            fresh.on_conflict_do_update(
                index_elements=["id"],
                set_={"status": fresh.excluded.status, "returned_at": came_back},
            )
        )
        is_booked = ledger_queries.is_posted(f"{Kind.BANK_PAYOUT}:{one.id}")
        if not one.came_to_nothing:
            _book(one, Kind.BANK_PAYOUT, Entry(PLATFORM_BANK, CLEARING, one.amount_minor))
        elif is_booked:
            _book(one, Kind.BANK_PAYOUT_RETURNED, Entry(CLEARING, PLATFORM_BANK, one.amount_minor))


def _book(seen: BankPayoutSeen, kind: Kind, entry: Entry) -> None:
    ledger.post(
        kind=kind,
        effect_key=f"{kind}:{seen.id}",
        currency=seen.currency,
        entries=[entry],
        effective_at=seen.created_at,
    )


def compare(*, run_id: uuid.UUID, currency: str, now: datetime) -> Run:
    """End a run: list what differs, close what agrees now, and keep the totals if nothing does.

    What is younger than an hour is left for the next run, except that it may put right what
    differed before.
    """
    run = queries.lock_run(run_id)
    if run.stage is not Stage.COMPARING:
        return run
    last = queries.find_last_run()
    compared = queries.list_compared(run, young=last.started_at - GRACE if last else None)
    standing = {(one.key, one.currency): one for one in queries.list_open_differences()}
    for one in compared:
        _judge(one, standing.get((one.key, one.currency)), run, now)
    session.flush()
    run.keys_compared = len(compared)
    run.unexplained = queries.count_unexplained()
    run.stage, run.finished_at = Stage.DONE, now
    session.flush()
    publish(run=run, currency=currency)
    return run


def _judge(one: Compared, standing: Difference | None, run: Run, now: datetime) -> None:
    says = (one.ledger_minor, one.provider_minor, one.bank_minor)
    if standing is not None:
        if (standing.ledger_minor, standing.provider_minor, standing.bank_minor) == says:
            return
        standing.closed_at = now
        session.flush()
    if one.agrees or (one.since > run.started_at - GRACE and standing is None):
        return
    session.add(
        Difference(
            id=new_id(),
            key=one.key,
            currency=one.currency,
            ledger_minor=one.ledger_minor,
            provider_minor=one.provider_minor,
            bank_minor=one.bank_minor,
            since=one.since,
            found_at=now,
        )
    )


def publish(*, run: Run, currency: str) -> None:
    """Keep the public totals if nothing differs unexplained, or if none were ever kept."""
    if run.unexplained and queries.has_published(currency):
        return
    totals = impact.platform_totals(currency)
    figures = asdict(totals)
    figures["counted_at"] = totals.counted_at.isoformat()
    figures["since"] = totals.since.isoformat() if totals.since else None
    _keep_figures()
    session.add(
        Published(
            run_id=run.id,
            currency=currency,
            counted_at=totals.counted_at,
            is_reconciled=not run.unexplained,
            figures=figures,
        )
    )
    session.flush()


def _keep_figures() -> None:
    """Keep the totals of each project and company, where they are not what was kept before."""
    projects = queries.list_owners(Purpose.PROJECT_PENDING)
    companies = queries.list_owners(Purpose.COMPANY_PENDING)
    for place in range(0, len(projects), FIGURES_AT_A_TIME):
        _keep(impact.project_totals(projects[place : place + FIGURES_AT_A_TIME]))
    for place in range(0, len(companies), FIGURES_AT_A_TIME):
        _keep(impact.company_totals(companies[place : place + FIGURES_AT_A_TIME]))


def _keep(totals: Mapping[uuid.UUID, ProjectTotals] | Mapping[uuid.UUID, CompanyTotals]) -> None:
    rows = [{"owner_id": owner, "figures": asdict(one)} for owner, one in totals.items()]
    insert = postgresql.insert(Figure).values(rows)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["owner_id"],
            set_={"figures": insert.excluded.figures},
            where=Figure.figures != insert.excluded.figures,
        )
    )


def explain(*, difference_id: uuid.UUID, reason: str, operator: User, now: datetime) -> Difference:
    """Note why the sides differ. It holds while they differ in this way.

    :raises Invalid: no reason.
    :raises Conflict: it is explained, or gone.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say what the difference is.")})
    difference = queries.lock_difference(difference_id)
    if difference.closed_at is not None or difference.explained_at is not None:
        raise Conflict(_l("This difference is gone, or somebody has explained it."))
    told = reason.strip()[:2000]
    accounts.record(
        actor=operator,
        action="difference.explain",
        subject_kind="difference",
        subject_id=difference.key,
        reason=told,
        now=now,
    )
    author = operator.id
    difference.explanation, difference.explained_by_id, difference.explained_at = told, author, now
    session.flush()
    return difference

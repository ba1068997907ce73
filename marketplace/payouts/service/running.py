"""A day's run: whoever is due is paid, once, however often and by how many it is run."""

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.payouts import queries
from marketplace.payouts.models import PayeeKind, Payout, PayoutRun, Schedule, StatementNotice
from marketplace.payouts.rules import Terms, is_due, is_old_enough
from marketplace.payouts.service.paying import command


def begin_run(*, day: date, now: datetime) -> date | None:
    """Begin a day's run or go on with it; return the day of the run before, None if it has ended.

    Days on which nobody ran are made up for.
    """
    since = queries.previous_run(day) or day - timedelta(days=1)
    session.execute(
        postgresql.insert(PayoutRun)
        .values(on_day=day, since_day=since, began_at=now)
        .on_conflict_do_nothing()
    )
    run = queries.lock_run(day)
    return run.since_day if run is not None and run.ended_at is None else None


def pay_payee(
    *,
    payee: tuple[PayeeKind, uuid.UUID, str, Schedule],
    since: date,
    day: date,
    terms: Terms,
    now: datetime,
) -> Payout | None:
    """Pay a payee in a day's run if its schedule says so, or if its money waits for too long."""
    kind, payee_id, currency, schedule = payee
    if not is_due(schedule, since=since, until=day):
        oldest = queries.oldest_confirmed(payee_id, currency)
        if not is_old_enough(oldest, today=day, maximum_age=terms.maximum_age):
            return None
    return command(
        payee_kind=kind,
        payee_id=payee_id,
        currency=currency,
        minimum_minor=terms.minimum_minor,
        now=now,
        run=terms.run(on=day),
    )


def note_told(*, month: date, now: datetime) -> bool:
    """Note that the payees are told of a month's statements; False where they were told before."""
    told = session.execute(
        postgresql.insert(StatementNotice)
        .values(month=month, told_at=now)
        .on_conflict_do_nothing()
        .returning(StatementNotice.month)
    )
    return told.first() is not None


def end_run(*, day: date, now: datetime) -> None:
    """Note that everybody of a day's run was looked at."""
    run = queries.lock_run(day)
    if run is not None and run.ended_at is None:
        run.ended_at = now

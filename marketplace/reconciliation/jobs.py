"""Reconciling: reads the provider outside any transaction, keeps each page in one of its own."""

import structlog
from flask import current_app

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.payments import gateway
from marketplace.payments.rules import BankPayoutSeen
from marketplace.reconciliation import service
from marketplace.reconciliation.models import Run
from marketplace.reconciliation.rules import BANK_DAYS, Stage, said_by_bank, said_by_provider


@task("reconcile", every="20 3 * * *")
def reconcile() -> None:
    """Compare the book with the provider and the bank; say loudly if they differ."""
    run = reconcile_now()
    if run.unexplained:
        structlog.get_logger().error("does_not_reconcile", unexplained=run.unexplained)


def reconcile_now() -> Run:
    """Take up the run that was cut off, or begin one, and bring it to its end.

    :raises marketplace.payments.gateway.Unreachable: the provider did not answer; what was read
        stays, and the next try goes on there.
    """
    with atomic():
        run = service.begin(now=clock.now())
    while run.stage in (Stage.MOVEMENTS, Stage.BANK):
        run = _read_page(run)
    while run.stage is Stage.LEDGER:
        with atomic():
            service.keep_book(run_id=run.id)
        session.refresh(run)
    with atomic():
        return service.compare(
            run_id=run.id,
            currency=str(current_app.config["SETTINGS"].currency),
            now=clock.now(),
        )


def _read_page(run: Run) -> Run:
    """Read the next page of the provider's statement, or of its payouts to the bank."""
    session.rollback()
    ask = gateway.current()
    if run.stage is Stage.MOVEMENTS:
        movements, after = ask.list_movements(since=run.since, after=run.cursor)
        said = [one for seen in movements for one in said_by_provider(seen)]
        payouts: list[BankPayoutSeen] = []
    else:
        since = run.since and run.since - BANK_DAYS
        payouts, after = ask.list_bank_payouts(since=since, after=run.cursor)
        said = [said_by_bank(seen) for seen in payouts]
    with atomic():
        is_kept = service.keep_page(
            run_id=run.id, stage=run.stage, cursor=run.cursor, said=said, next_cursor=after
        )
        if is_kept:
            service.book_bank_payouts(seen=payouts, now=clock.now())
    session.refresh(run)
    return run

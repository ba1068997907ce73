"""Months are folded while the book goes on being written: each figure says what was committed."""

import threading

import sqlalchemy as sa

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.impact.queries import project_totals
from marketplace.invariants.queries import INVARIANTS
from marketplace.ledger import service as ledger
from marketplace.payments import gateway
from marketplace.projects import queries as projects
from tests.concurrency.market import PATIENCE_SECONDS, Market, Stall

OF_ONE = 340
"""What a purchase gives: 2.40 of the price and a gift of 1.00."""


def fold() -> None:
    """Do what the worker does every minute."""
    with atomic():
        ledger.compact()


def given_by_month(stall: Stall) -> int:
    session.rollback()
    return sum(given for _month, given, _paid, _spent in projects.list_months(stall.project_id))


def waiting() -> int:
    session.rollback()
    return session.scalar(sa.text("select count(*) from ledger_delta")) or 0


def holds() -> bool:
    session.rollback()
    queries = [one.query for one in INVARIANTS if one.name in {"months", "roll-ups"}]
    return not any(session.execute(sa.text(query)).one()[1] for query in queries)


class TestLateCommit:
    def test_is_in_its_month_although_higher_numbers_were_folded(self, market: Market) -> None:
        stall, late = market.stall(), market.stall()
        for one in (stall, late):  # so that nobody waits for an account to be opened
            market.buy(one)
        order = market.place(late)
        market.provider.pay(order.payment_url or "")
        paid = gateway.current().fetch_session(order.checkout_session_id or "").payment
        assert paid is not None
        written, may_commit = threading.Event(), threading.Event()

        def settle() -> None:
            with market.app.app_context(), atomic():
                checkout.settle(seen=paid, now=clock.now())
                written.set()
                assert may_commit.wait(PATIENCE_SECONDS)
            session.remove()

        thread = threading.Thread(target=settle)
        thread.start()
        assert written.wait(PATIENCE_SECONDS)
        market.buy(stall)
        fold()
        assert waiting() == 0
        assert given_by_month(late) == OF_ONE
        may_commit.set()
        thread.join(PATIENCE_SECONDS)
        assert waiting() > 0
        assert given_by_month(late) == 2 * OF_ONE
        fold()
        assert given_by_month(late) == 2 * OF_ONE
        assert holds()


class TestFoldingMeanwhile:
    def test_never_shows_more_or_less_than_was_given(self, market: Market) -> None:
        """Fails if a fold takes what waits and adds it up in two steps."""
        stall = market.stall(on_hand=50)
        for _ in range(3):
            market.buy(stall)
        is_over, wrong = threading.Event(), []

        def look() -> None:
            with market.app.app_context():
                while not is_over.is_set():
                    session.rollback()
                    months = given_by_month(stall)
                    if months % OF_ONE:
                        wrong.append(months)
            session.remove()

        watcher = threading.Thread(target=look)
        watcher.start()
        for _ in range(8):
            market.buy(stall)
            fold()
        is_over.set()
        watcher.join(PATIENCE_SECONDS)
        assert wrong == []
        total = project_totals([stall.project_id])[stall.project_id].given_minor
        assert given_by_month(stall) == total == 11 * OF_ONE
        assert holds()

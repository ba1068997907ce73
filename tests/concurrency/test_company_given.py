"""What companies gave, added up behind a book that goes on being written."""

import threading

import sqlalchemy as sa

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.impact.queries import company_totals
from marketplace.invariants.queries import INVARIANTS
from marketplace.orders import service
from marketplace.orders.models import CompanyGiven, GivenFollowing
from marketplace.payments import gateway
from tests.concurrency.market import PATIENCE_SECONDS, Market


def company_of(market: Market, stall) -> object:
    return session.scalar(
        sa.text(
            "select company_id from product join variant on product_id = product.id "
            "where variant.id = :variant"
        ),
        {"variant": stall.variant_id},
    )


def fold(most: int = 200_000) -> None:
    """Do what the job does, until nothing is left that can be added up."""
    for _ in range(3):
        is_more = True
        while is_more:
            with atomic():
                is_more = service.fold_given(most=most)


def end_other_transactions() -> None:
    """Say that nothing is open any more: other tests on the same server hold old ones."""
    with atomic():
        session.execute(sa.update(GivenFollowing).values(seen_xid=3))


def rows() -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(CompanyGiven)) or 0


def holds() -> bool:
    query = next(one.query for one in INVARIANTS if one.name == "given by companies")
    session.rollback()
    _looked_at, broken = session.execute(sa.text(query)).one()
    return broken == 0


class TestFolding:
    def test_changes_no_total(self, market):
        stall = market.stall()
        company = company_of(market, stall)
        for _ in range(2):
            market.buy(stall)
        before = company_totals([company])[company]
        assert before.pending_minor == 480
        fold()
        end_other_transactions()
        fold(most=3)  # in many steps
        assert rows() > 0
        assert company_totals([company])[company] == before
        assert holds()

    def test_is_completed_by_what_moved_since(self, market):
        stall = market.stall()
        company = company_of(market, stall)
        market.buy(stall)
        fold()
        end_other_transactions()
        fold()
        market.buy(stall)
        assert company_totals([company])[company].pending_minor == 480

    def test_is_found_out_where_a_sum_is_wrong(self, market):
        stall = market.stall()
        market.buy(stall)
        fold()
        end_other_transactions()
        fold()
        assert holds()
        with atomic():
            session.execute(
                sa.update(CompanyGiven).values(standing_minor=CompanyGiven.standing_minor + 1)
            )
        try:
            assert not holds()
        finally:
            with atomic():
                session.execute(
                    sa.update(CompanyGiven).values(standing_minor=CompanyGiven.standing_minor - 1)
                )


class TestLateCommit:
    def test_is_counted_although_higher_numbers_are_added_up_already(self, market):
        """Fails if what was followed ends at the highest number that can be seen."""
        stall, late = market.stall(), market.stall()
        for one in (stall, late):  # so that nobody waits for an account to be opened
            market.buy(one)
        company = company_of(market, late)
        waiting = market.place(late)
        market.provider.pay(waiting.payment_url or "")
        paid = gateway.current().fetch_session(waiting.checkout_session_id or "").payment
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
        for _ in range(3):
            market.buy(stall)
            fold()
        may_commit.set()
        thread.join(PATIENCE_SECONDS)
        session.rollback()
        assert company_totals([company])[company].pending_minor == 480
        fold()
        end_other_transactions()
        fold()
        assert company_totals([company])[company].pending_minor == 480
        assert holds()

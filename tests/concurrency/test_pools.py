"""Many orders, payments, refunds and a pool's end at once: never a cent above its budget."""

from functools import partial

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.campaigns import service as campaigns
from marketplace.campaigns.models import Pool
from marketplace.checkout import jobs, service
from marketplace.checkout.service import MatchChanged
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.worker import TASKS
from marketplace.orders.models import Order, OrderState
from marketplace.payments import queries as payments
from tests import factories
from tests.campaigns.pools import (
    ask_to_pay,
    fund,
    make_pool,
    make_sponsor,
    make_sponsored,
    payment,
    seen,
)
from tests.concurrency.market import Market
from tests.faults.steps import news_of

BUYERS = 12


@pytest.fixture(autouse=True)
def no_other_pool(market):
    """End the pools of the tests before: the database of this module is kept."""
    with atomic():
        running = session.scalars(
            sa.text("select id from matching_pool where state = 'funded'")
        ).all()
    for pool_id in running:
        with atomic():
            by = factories.make_user()
            campaigns.end(pool_id=pool_id, reason="Over", by=by, now=clock.now())


def with_sponsor():
    with atomic():
        return factories.make_company(), factories.make_user()


class TestBuyers:
    def test_together_take_no_more_than_there_is(self, market: Market):
        company, by = with_sponsor()
        pool = make_pool(company, 1_000, by=by)  # each order wants 2.40: four and a part
        stall = market.stall(on_hand=99)
        placed = market.at_once([lambda: market.place(stall)] * BUYERS)
        matched = [one.matched_minor for one in placed if isinstance(one, Order)]
        assert sorted(matched, reverse=True) == [240] * 4 + [40] + [0] * (BUYERS - 5)
        assert seen(pool).reserved_minor == 1_000
        assert market.broken() == []

    def test_who_saw_the_claim_get_it_or_are_told_before_they_pay(self, market: Market):
        from dataclasses import replace

        company, by = with_sponsor()
        pool = make_pool(company, 600, by=by)
        stall = market.stall(on_hand=99)

        def place():
            return market.place_wish(replace(market.wish(stall), seen_match_minor=240))

        answers = market.at_once([place] * BUYERS)
        got = [one.matched_minor for one in answers if isinstance(one, Order)]
        assert got == [240, 240]
        assert sum(isinstance(one, MatchChanged) for one in answers) == BUYERS - 2
        assert seen(pool).left_minor == 120
        assert market.broken() == []

    def test_pay_give_back_and_let_lapse_while_the_pool_ends(self, market: Market):
        company, by = with_sponsor()
        pool = make_pool(company, 2_400, by=by)
        stall = market.stall(on_hand=99)
        bought = [market.buy(stall) for _ in range(3)]
        waiting = [market.place(stall) for _ in range(3)]
        leaving = [market.place(stall) for _ in range(3)]
        for order in waiting:
            market.provider.pay(order.payment_url or "")

        def refund(order):
            with atomic():
                service.request_full_refund(
                    order_id=order.id, reason="No", requested_by_id=None, now=clock.now()
                )

        for order in bought:
            refund(order)
        due = [
            str(one)
            for one in session.scalars(
                sa.text(
                    "select id from provider_command where kind = 'refund' and state = 'pending'"
                )
            )
        ]
        # A thread has a session of its own: nothing of this one's may be read in it.
        sessions = [order.checkout_session_id for order in waiting]
        lapsing, pool_id, by_id = [order.id for order in leaving], pool.id, by.id
        session.rollback()

        def settle(session_id):
            return lambda: jobs.settle_session(session_id or "")

        def lapse(order_id):
            def do():
                with atomic():
                    return service.let_lapse(order_id=order_id)

            return do

        def end():
            with atomic():
                campaigns.end(
                    pool_id=pool_id, reason="Over", by=session.get_one(User, by_id), now=clock.now()
                )

        answers = market.at_once(
            [
                *(settle(one) for one in sessions),
                *(lapse(one) for one in lapsing),
                *((lambda one=one: jobs.run_command(command_id=one)) for one in due),
                end,
            ]
        )
        assert [one for one in answers if isinstance(one, Exception)] == []
        assert market.broken() == []
        TASKS["end_pools"].run()
        now = seen(pool)
        assert (now.used_minor, now.reserved_minor, now.left_minor) == (720, 0, 0)
        assert now.returned_minor == 2_400 - 720
        assert all(market.seen(one.id).state is OrderState.PAID for one in waiting)
        assert market.broken() == []


def paid_pool(market: Market, minor: int):
    """Return a pool that a foundation paid in, and the charge by which it did."""
    with atomic():
        giver = factories.make_user()
    pool = make_sponsored(make_sponsor(giver), giver)
    row = payment(ask_to_pay(pool, minor, giver))
    market.provider.pay(row.payment_url or "")
    jobs.settle_session(row.checkout_session_id or "")
    found = payments.find_payment(payment(row.id).payment_id or "")
    session.rollback()
    return pool, giver, found


class TestABank:
    @pytest.mark.parametrize("how", ["won", "lost"])
    def test_disputes_while_orders_pay_and_lapse_and_the_pool_ends(self, market: Market, how):
        """Fails if two of them wait for each other, or a cent is both frozen and given."""
        pool, giver, paid = paid_pool(market, 2_400)
        stall = market.stall(on_hand=99)
        waiting = [market.place(stall) for _ in range(3)]
        leaving = [market.place(stall) for _ in range(3)]
        for order in waiting:
            market.provider.pay(order.payment_url or "")
        news_of(market, paid.id)
        dispute_id = market.provider.dispute(paid.charge_id)
        opened = news_of(market, paid.id)
        market.provider.decide(dispute_id, how)
        told = opened + news_of(market, paid.id)
        sessions = [order.checkout_session_id or "" for order in waiting]
        lapsing, pool_id, by_id = [order.id for order in leaving], pool.id, giver.id
        session.rollback()

        def lapse(order_id):
            with atomic():
                return service.let_lapse(order_id=order_id)

        def end():
            with atomic():
                by = session.get_one(User, by_id)
                campaigns.end(pool_id=pool_id, reason="Over", by=by, now=clock.now())

        answers = market.at_once(
            [
                *(partial(jobs.settle_session, one) for one in sessions),
                *(partial(jobs.take_event, one) for one in told),
                *(partial(lapse, one) for one in lapsing),
                *(partial(market.place, stall) for _ in range(3)),
                end,
            ]
        )
        assert [one for one in answers if isinstance(one, Exception)] == []
        assert market.broken() == []
        for order in (one for one in answers if isinstance(one, Order)):
            lapse(order.id)
        TASKS["end_pools"].run()
        market.run_commands()
        now = session.get_one(Pool, pool_id, populate_existing=True)
        assert (now.used_minor, now.reserved_minor, now.frozen_minor) == (720, 0, 0)
        # What was going back when the dispute was heard of counts as returned: the bank brings it.
        assert now.returned_minor + now.lost_minor == 2_400 - 720
        assert now.rest_minor == 0
        assert how == "lost" or now.lost_minor == 0
        assert sum(market.refunds(paid.id)) == (2_400 - 720 if how == "won" else 0)
        assert market.broken() == []


class TestSponsors:
    def test_pay_in_once_however_often_they_press(self, market: Market):
        company, by = with_sponsor()
        pool = make_pool(company, 500, by=by)
        from tests.campaigns.pools import earn

        earn(company, 900)
        answers = market.at_once([lambda: fund(pool, 300, by=by, seen_minor=500)] * 4)
        assert sum(one is None for one in answers) == 1
        assert seen(pool).budget_minor == 800
        assert market.broken() == []

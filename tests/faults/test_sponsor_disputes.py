"""A sponsor's payment, its dispute and what goes back, told in any order: one and the same book.

Among the messages stand the worker's own questions, orders that give back, and the pool's end.
"""

import random

import pytest

from marketplace.campaigns import jobs as pool_jobs
from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.ledger.rules import Purpose
from tests import factories
from tests.campaigns.funded import Funded
from tests.campaigns.pools import ask_to_pay, payment
from tests.checkout.purchases import Purchases, broken
from tests.faults.tally import TALLY
from tests.faults.test_schedules import IS_LONG, asks, hear, take, undone

__all__ = ["asks"]
pytestmark = pytest.mark.usefixtures("untraced")
PARTS, ORDERS_A_PART = (5, 24) if IS_LONG else (1, 5)


@pytest.fixture
def shop(db, provider):
    """Return a shop, after the messages about other tests' purchases."""
    here = Purchases.begin(db, provider)
    here.messages()
    yield here
    assert broken() == []


@pytest.fixture
def giver(shop):
    return factories.make_user(name="Bruna Riva")


def unheard(shop, giver):
    """Return a pool that was paid in, and nobody heard of it."""
    funded = Funded(shop, giver, 0)
    funded.row = payment(ask_to_pay(funded.pool, 1_000, giver))
    shop.provider.pay(funded.row.payment_url)
    seen = jobs.gateway.current().fetch_session(funded.row.checkout_session_id)
    return funded, seen.payment.charge_id


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("amount", [1_000, 400])
@pytest.mark.parametrize("how", ["won", "lost"])
class TestSchedules:
    def test_of_a_payment_that_nobody_heard_of(self, db, shop, giver, asks, how, amount, part):
        """Fails if a dispute needs its payment's message, or counts what it is told twice."""
        funded, charge_id = unheard(shop, giver)
        shop.provider.decide(shop.provider.dispute(charge_id, amount=amount), how)
        self._all_end_alike(db, funded, asks, random.Random(f"{how} {amount} {part}"), [])
        TALLY.schedules += ORDERS_A_PART

    def test_of_one_that_orders_share(self, db, shop, giver, asks, how, amount, part):
        """Fails if what comes back while the bank decides is given on, or lost to the platform."""
        funded = Funded(shop, giver)
        funded.buys()
        order_id = shop.place(top_up=0).id  # gives back what was reserved for it
        shop.messages()
        shop.provider.decide(funded.disputed(amount=amount), how)
        does = [lambda: self._lapse(order_id), lambda: self._sweep(funded)]
        dice = random.Random(f"shared {how} {amount} {part}")
        self._all_end_alike(db, funded, asks, dice, does, by_balance=True)
        TALLY.schedules += ORDERS_A_PART

    def _lapse(self, order_id):
        with atomic():
            service.let_lapse(order_id=order_id)

    def _sweep(self, funded):
        pool_jobs.sweep_pool(pool_id=str(funded.pool_id))

    def _all_end_alike(self, db, funded, asks, dice, does, *, by_balance=False):
        asked = asks(clock.now() - clock.now())
        told = hear(funded.here.messages())
        assert len(told) > 2
        db.commit()
        ends = []
        for turn in range(ORDERS_A_PART):
            with undone(db):
                heard = told + (dice.choices(told, k=3) if turn else []) + does + asked
                if turn:
                    dice.shuffle(heard)
                take(heard)
                self._sweep(funded)
                ends.append(self._end(funded) if by_balance else funded.book)
                assert broken() == []
        assert ends[0]
        assert ends == [ends[0]] * len(ends)
        take(told + asked)

    def _end(self, funded):
        pool = funded.now
        standing = [
            funded.here.balance(purpose, pool.id)
            for purpose in (Purpose.MATCHING_POOL, Purpose.POOL_HOLD, Purpose.REFUND_DUE)
        ]
        losses = funded.here.balance(Purpose.LOSSES)
        return [pool.used_minor, pool.lost_minor, pool.claimed_minor, losses, *standing]

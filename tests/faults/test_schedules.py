"""A purchase's messages in any order, some of them twice: one and the same book at the end."""

import os
import random
from contextlib import contextmanager

import pytest

from marketplace.checkout import jobs
from tests.checkout.purchases import Purchases, broken
from tests.faults.tally import TALLY

IS_LONG = os.environ.get("FAULTS") == "long"
PARTS = 20 if IS_LONG else 1
ORDERS_A_PART = 50 if IS_LONG else 15


@pytest.fixture
def shop(db, provider):
    """Return a shop, after the messages about other tests' purchases."""
    here = Purchases.begin(db, provider)
    here.messages()
    return here


def told(shop, order, ending):
    """Let it be paid, disputed and decided at the provider; return all its messages."""
    shop.provider.pay(order.payment_url)
    jobs.settle_session(order.checkout_session_id)
    dispute = shop.dispute(order)
    shop.provider.decide(dispute, ending)
    return shop.messages()


@contextmanager
def undone(db):
    """Take back all that is committed meanwhile."""
    db.commit()  # whoever reads has begun something
    before = db.get_bind().begin_nested()
    yield
    db.commit()
    before.rollback()
    db.expunge_all()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("ending", ["won", "lost"])
class TestSchedules:
    def test_all_end_in_the_same_book(self, shop, db, ending, part):
        """Fails if a message is believed instead of what the provider says now, or counts twice."""
        order = shop.place()
        with undone(db):
            messages = told(shop, order, ending)
            take(messages)
            wanted = shop.book(order)
        assert wanted
        dice = random.Random(f"{ending} {part}")
        for _ in range(ORDERS_A_PART):
            with undone(db):
                heard = messages + dice.choices(messages, k=3)
                dice.shuffle(heard)
                take(heard)
                assert shop.book(order) == wanted
            TALLY.schedules += 1
        take(messages)
        assert broken() == []


def take(messages):
    for message in messages:
        jobs.take_event(message)
    jobs.retry_parked_events()

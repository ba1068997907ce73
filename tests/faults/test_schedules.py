"""A purchase's messages in any order, some of them twice: one and the same book at the end.

Among the messages stand the worker's own questions: what became of a command whose answer was
lost, and which disputes there are.
"""

import os
import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.payments import queries as payments
from marketplace.payments.rules import CommandState, EventSeen
from sandbox.app import let_time_pass, store_of
from sandbox.control import advance_clock, set_chaos
from tests.checkout.purchases import Purchases, broken
from tests.faults.tally import TALLY

pytestmark = pytest.mark.usefixtures("untraced")

IS_LONG = os.environ.get("FAULTS") == "long"
PARTS = 7 if IS_LONG else 1
ORDERS_A_PART = 48 if IS_LONG else 5
REFUND_FAILS = "4000000000005126"
TOWEL, BEANS = 0, 1


@dataclass
class Story:
    """What happens to an order; our own side hears of it only by messages and questions."""

    shop: Purchases
    order: object
    lost_answers: int = 0
    since: timedelta = timedelta(minutes=30)
    """So long after, by the provider's clock and by ours, the worker looks again."""

    def paid_unheard(self) -> None:
        self.shop.provider.pay(self.shop.seen(self.order).payment_url)

    def paid(self, card: str = "4242424242424242") -> None:
        order = self.shop.seen(self.order)
        self.shop.provider.pay(order.payment_url, card)
        jobs.settle_session(order.checkout_session_id)

    def given_back(self, line: int | None = None) -> None:
        """Give back a line or everything; the provider does it, and its answer gets lost."""
        order = self.shop.seen(self.order)
        lines = order.lines if line is None else [order.lines[line]]
        with atomic():
            service.request_refund(
                order_id=order.id,
                pieces={one.id: one.quantity for one in lines},
                shipping=[one.id for one in order.company_orders] if line is None else [],
                with_top_up=line is None,
                reason="Torn",
                requested_by_id=None,
                now=clock.now(),
            )
        store = store_of(self.shop.provider.double)
        rule = {"match": "^/v1/refunds", "method": "POST", "do": "drop_reply_after_effect",
                "times": 9}  # fmt: skip
        set_chaos(store, {"rules": [rule]})
        self.shop.run_commands()
        set_chaos(store, {})
        assert len(unknown()) == 1 + self.lost_answers
        self.lost_answers += 1

    def disputed(self, ending: str, amount: int | None = None) -> None:
        # The provider says which payment it is, also where we have not heard of it.
        charge = jobs.gateway.current().fetch_session(self.order.checkout_session_id).payment
        said = {"amount": amount} if amount else {}
        dispute = self.shop.provider.dispute(charge.charge_id, **said)
        self.shop.provider.decide(dispute, ending)

    def a_week_passes(self) -> None:
        double = self.shop.provider.double
        advance_clock(store_of(double), int(timedelta(days=7).total_seconds()))
        let_time_pass(double)
        self.since += timedelta(days=7)


def won(story: Story) -> None:
    story.paid_unheard()
    story.disputed("won")


def lost(story: Story) -> None:
    story.paid_unheard()
    story.disputed("lost")


def given_back(story: Story) -> None:
    story.paid()
    story.given_back()


def given_back_by_line(story: Story) -> None:
    story.paid()
    story.given_back(TOWEL)
    story.given_back(BEANS)


def given_back_in_part_and_lost(story: Story) -> None:
    story.paid()
    story.given_back(TOWEL)
    story.disputed("lost", 2684)


def not_given_back_after_all(story: Story) -> None:
    story.paid(REFUND_FAILS)
    story.given_back(TOWEL)
    story.a_week_passes()


STORIES = [
    won,
    lost,
    given_back,
    given_back_by_line,
    given_back_in_part_and_lost,
    not_given_back_after_all,
]


@pytest.fixture
def shop(db, provider):
    """Return a shop, after the messages about other tests' purchases."""
    here = Purchases.begin(db, provider)
    here.messages()
    yield here
    store_of(provider.double).change_setting("clock", {"offset": 0})


@pytest.fixture
def asks(monkeypatch):
    """Return a function that returns what the worker asks by itself, some time later."""
    begun, since = clock.now(), [timedelta()]

    def ask_for_commands() -> None:
        with monkeypatch.context() as patch:
            then = clock.now() + since[0]
            patch.setattr(jobs, "now", lambda: then)
            jobs.run_due_commands()

    def ask_for_disputes() -> None:
        with monkeypatch.context() as patch:  # not for those of other tests
            patch.setattr(jobs, "FORGOTTEN", clock.now() - begun + timedelta(seconds=1))
            jobs.ask_for_disputes()

    def later(than: timedelta) -> list[Callable[[], None]]:
        since[0] = than
        return [ask_for_commands, ask_for_disputes]

    return later


@contextmanager
def undone(db):
    """Take back all that is committed meanwhile."""
    db.commit()  # whoever reads has begun something
    before = db.get_bind().begin_nested()
    yield
    db.commit()
    before.rollback()
    db.expunge_all()


def hear(messages: list[EventSeen]) -> list[Callable[[], None]]:
    return [lambda message=message: jobs.take_event(message) for message in messages]


def take(heard: list[Callable[[], None]]) -> None:
    for one in heard:
        one()
    jobs.retry_parked_events()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("happens", STORIES, ids=lambda story: story.__name__)
class TestSchedules:
    def test_all_end_in_the_same_book(self, shop, db, asks, happens, part):
        """Fails if a message is believed instead of what the provider says now, or counts twice."""
        order = shop.place()
        story = Story(shop, order)
        happens(story)
        asked = asks(story.since)
        messages = shop.messages()
        assert len(messages) > 1
        with undone(db):
            take(hear(messages))
            wanted = shop.book(order)
        assert wanted
        dice = random.Random(f"{happens.__name__} {part}")
        for _ in range(ORDERS_A_PART):
            with undone(db):
                heard = hear(messages + dice.choices(messages, k=3)) + asked
                dice.shuffle(heard)
                take(heard)
                assert shop.book(order) == wanted
                assert unknown() == []
            TALLY.schedules += 1
        take(hear(messages) + asked)
        assert broken() == []


def unknown() -> list[object]:
    return [row for row in payments.list_commands() if row.state is CommandState.UNKNOWN]

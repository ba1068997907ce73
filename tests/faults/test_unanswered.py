"""The provider does what it is asked, and the answer is lost on the way."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.orders.models import Order, OrderState
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandState
from sandbox.app import store_of
from sandbox.control import advance_clock, set_chaos
from tests.concurrency.market import Market

OFTEN = 10  # more often than the library tries again by itself


@pytest.fixture
def lose(market: Market):
    """Return a function that loses the answers to requests of a path, or loses none (None)."""
    store = store_of(market.provider.double)

    def say(path: str | None) -> None:
        rule = {"match": path, "method": "POST", "do": "drop_reply_after_effect", "times": OFTEN}
        set_chaos(store, {"rules": [rule] if path else []})

    yield say
    say(None)


@pytest.fixture
def later(market: Market, monkeypatch):
    """Return a function that moves our clock and the provider's; back again afterwards."""
    moved = 0

    def move(by: timedelta) -> None:
        nonlocal moved
        then = clock.now() + by
        monkeypatch.setattr(jobs, "now", lambda: then)
        advance_clock(store_of(market.provider.double), int(by.total_seconds()))
        moved += int(by.total_seconds())

    yield move
    store_of(market.provider.double).change_setting("clock", {"offset": 0})


def state_of(command_id) -> CommandState:
    session.rollback()
    session.expire_all()
    return session.get_one(ProviderCommand, command_id).state


def ask_back(order: Order):
    with atomic():
        refund = service.request_full_refund(
            order_id=order.id, reason="Torn", requested_by_id=None, now=clock.now()
        )
    found = session.query(ProviderCommand).filter_by(subject_id=refund.id).one()
    return found.id


class TestRefund:
    @pytest.mark.parametrize("hours", [1, 25])
    def test_is_found_and_not_made_twice(self, market, lose, later, hours):
        """Fails if it is sent again under a new key, or after a day under the forgotten one."""
        order = market.buy(market.stall())
        command_id = ask_back(order)
        lose("^/v1/refunds")
        jobs.run_command(command_id=str(command_id))
        assert state_of(command_id) is CommandState.UNKNOWN
        assert market.refunds(order.payment_id) == [3760]
        lose(None)
        later(timedelta(hours=hours))
        jobs.run_due_commands()
        assert state_of(command_id) is CommandState.SUCCEEDED
        assert market.refunds(order.payment_id) == [3760]
        assert market.seen(order.id).refunded_minor == 3760
        assert market.broken() == []

    def test_that_never_arrived_is_let_go_after_a_day(self, market, later, monkeypatch):
        """Fails if what is not found is sent once more without its key."""
        order = market.buy(market.stall())
        command_id = ask_back(order)
        store = store_of(market.provider.double)
        rule = {"match": "^/v1/refunds", "do": "connection_error", "times": OFTEN}
        set_chaos(store, {"rules": [rule]})
        jobs.run_command(command_id=str(command_id))
        set_chaos(store, {})
        later(timedelta(hours=25))
        jobs.run_due_commands()
        assert state_of(command_id) is CommandState.REJECTED
        jobs.run_command(command_id=str(command_id))  # a rejection is the end of it
        assert state_of(command_id) is CommandState.REJECTED
        assert market.refunds(order.payment_id) == []
        assert market.seen(order.id).refund_reserved_minor == 0
        assert market.broken() == []


class TestPaymentPage:
    def test_is_the_same_one_when_asked_for_again(self, market, lose, later):
        """Fails if each try has a key of its own: there would be two pages to pay at."""
        lose("^/v1/checkout/sessions")
        order = market.place(market.stall())
        assert order.payment_url is None
        lose(None)
        later(timedelta(minutes=10))
        jobs.run_due_commands()
        again = market.seen(order.id)
        made = [
            entry
            for entry in market.provider.journal()
            if entry.path == "/v1/checkout/sessions" and str(order.id) in str(entry.params)
        ]
        assert again.payment_url
        assert len(made) > 1
        with store_of(market.provider.double).connection() as connection:
            pages = connection.execute(
                "select id from sandbox.object where type = 'checkout.session' "
                "and data ->> 'client_reference_id' = %s",
                [str(order.id)],
            ).fetchall()
        assert pages == [(again.checkout_session_id,)]

    def test_that_is_unknown_after_a_day_is_not_asked_for_again(self, market, lose, later):
        """Fails if a command is sent when the provider has forgotten its key."""
        lose("^/v1/checkout/sessions")
        order = market.place(market.stall())
        lose(None)
        before = len(market.provider.journal())
        later(timedelta(hours=25))
        jobs.run_due_commands()
        sent = [one for one in market.provider.journal()[before:] if one.method == "POST"]
        assert [one for one in sent if str(order.id) in str(one.params)] == []
        assert market.seen(order.id).state is OrderState.LAPSED
        assert market.broken() == []

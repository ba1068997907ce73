"""Refunds of which the provider says later something else than it said at first."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.invariants import queries as invariants
from marketplace.ledger import queries as ledger
from marketplace.ledger.rules import Kind
from marketplace.orders import queries as orders
from marketplace.orders.models import Refund, RefundState
from marketplace.payments import gateway
from marketplace.payments import queries as payments
from marketplace.payments import service as payment_service
from marketplace.payments.models import ProviderEvent
from marketplace.payments.rules import CommandKind, EventState, Refused
from tests import factories

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")
REFUND_FAILS_LATER = "4000000000005126"
REFUND_IS_PENDING = "4000000000007726"


@pytest.fixture
def buy(db, provider):
    """Return a function that buys pieces at 36.60, of which 2.40 are given, and a gift of 1.00."""

    def buy(pieces: int = 1, card: str = "4242424242424242"):
        variant = factories.make_product().variants[0]
        project = factories.make_project()
        db.commit()
        with atomic():
            placed, sending = service.place(
                wish=PlaceOrder(
                    f"refunding-{project.id}",
                    {variant.id: pieces},
                    [(project.id, 240 * pieces)],
                    100,
                    HOME,
                    "en",
                ),
                commission_bp=500,
                hold=timedelta(minutes=60),
                success_url="http://localhost/{token}",
                cancel_url="http://localhost/{token}",
                now=clock.now(),
            )
        jobs.send(sending)
        found = orders.get_order(placed.id)
        provider.pay(found.payment_url, card)
        jobs.settle_session(found.checkout_session_id)
        return placed.id

    return buy


def ask_back(order_id, pieces=None) -> Refund:
    """Ask for all of an order, or for some pieces of it."""
    said = {"order_id": order_id, "reason": "Torn", "requested_by_id": None, "now": clock.now()}
    with atomic():
        if pieces is None:
            return service.request_full_refund(**said)
        line = orders.get_order(order_id).lines[0]
        return service.request_refund(pieces={line.id: pieces}, shipping=[], **said)


def command_of(refund: Refund):
    return payments.find_open_command(refund.id, CommandKind.REFUND)


def take_for_rejected(refund: Refund) -> None:
    """The provider does it, and we hear that it does not know of it."""
    command_id = command_of(refund)
    with atomic():
        sending = payment_service.begin(command_id=command_id, now=clock.now())
    gateway.current().execute(sending)
    with atomic():
        ended = payment_service.finish(
            command_id=command_id, outcome=Refused("not known"), now=clock.now()
        )
        service.apply_outcome(command=ended, now=clock.now())
    assert seen(refund).state is RefundState.REJECTED


def send(refund: Refund) -> None:
    jobs.run_command(command_id=str(command_of(refund)))


def seen(refund: Refund) -> Refund:
    return session.get_one(Refund, refund.id, populate_existing=True)


def figures(order_id) -> tuple[int, int, int]:
    session.expire_all()
    found = orders.get_order(order_id)
    return found.refund_reserved_minor, found.refunded_minor, found.lines[0].refunded_quantity


def refunds_in_the_book(order_id) -> int:
    return len(ledger.list_transactions(subject_id=order_id, kind=Kind.REFUND))


def broken() -> list[str]:
    return [finding.invariant.name for finding in invariants.check_all() if not finding.holds]


def parked() -> list[str]:
    """Return why messages about refunds wait; the provider tells of other tests' orders too."""
    session.expire_all()
    waiting = sa.select(ProviderEvent.error).where(ProviderEvent.state == EventState.PARKED)
    return [error for error in session.scalars(waiting) if error and "re_" in error]


class TestRefundTakenForRejected:
    def test_is_let_go_at_first(self, buy):
        order = buy()
        take_for_rejected(ask_back(order))
        assert figures(order) == (0, 0, 0)
        assert refunds_in_the_book(order) == 0

    def test_is_recorded_once_when_the_provider_says_that_it_was_paid(self, buy, provider):
        order = buy(pieces=2)
        refund = ask_back(order)
        take_for_rejected(refund)
        assert set(provider.deliver(times=2)) == {200}
        assert seen(refund).state is RefundState.DONE
        assert figures(order) == (7420, 7420, 2)
        assert refunds_in_the_book(order) == 1
        assert parked() == []
        assert broken() == []

    def test_stands_beside_what_was_asked_for_again(self, buy, provider):
        """The shopper got two pieces back: that is what the book says, and the provider too."""
        order = buy(pieces=3)
        first = ask_back(order, pieces=1)
        take_for_rejected(first)
        send(ask_back(order, pieces=1))
        provider.deliver()
        assert seen(first).state is RefundState.DONE
        assert figures(order) == (7320, 7320, 2)
        assert broken() == []

    def test_waits_for_a_person_where_nothing_is_left_for_it(self, buy, provider):
        """Fails if more is recorded than was paid, or if nobody hears of it."""
        order = buy()
        first = ask_back(order)
        take_for_rejected(first)
        again = ask_back(order)
        provider.deliver()
        assert seen(first).state is RefundState.REJECTED
        assert [error.split()[-4:] for error in parked()] == [["beyond", "what", "is", "left"]]
        send(again)  # the provider has nothing left to give back, so this one is refused
        jobs.retry_parked_events()
        assert (seen(first).state, seen(again).state) == (RefundState.DONE, RefundState.REJECTED)
        assert figures(order) == (3760, 3760, 1)
        assert parked() == []
        assert broken() == []


class TestPendingRefund:
    def test_counts_as_done_while_it_is_pending(self, buy):
        order = buy(card=REFUND_IS_PENDING)
        refund = ask_back(order)
        send(refund)
        assert seen(refund).state is RefundState.DONE
        assert parked() == []

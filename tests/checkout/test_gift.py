"""The shopper's own gift, when one parcel is cancelled and another released."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.ledger import queries as ledger
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from tests import factories

HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")


@pytest.fixture
def order(db, provider):
    """A paid order of two companies with a gift of 2.00."""
    variants = [factories.make_product().variants[0] for _ in range(2)]
    project = factories.make_project()
    db.commit()
    with atomic():
        placed, sending = service.place(
            wish=PlaceOrder(
                "gift", {one.id: 1 for one in variants}, [(project.id, 480)], 200, HOME, "en"
            ),
            commission_bp=500,
            hold=timedelta(minutes=60),
            success_url="http://localhost/{token}",
            cancel_url="http://localhost/{token}",
            now=clock.now(),
        )
    jobs.send(sending)
    found = orders.get_order(placed.id)
    provider.pay(found.payment_url)
    jobs.settle_session(found.checkout_session_id)
    return orders.get_order(placed.id)


def cancel(order) -> None:
    """Give back the first line before it is sent."""
    give_back(pieces={orders.get_order(order.id).lines[0].id: 1}, order=order)


def give_back(*, order, pieces, with_top_up=False) -> None:
    with atomic():
        service.request_refund(
            order_id=order.id, pieces=pieces, shipping=[], with_top_up=with_top_up,
            reason="x", requested_by_id=None, now=clock.now(),
        )  # fmt: skip
    for command_id in jobs.queries.list_due_commands(clock.now()):
        jobs.run_command(command_id=str(command_id))


def release(order) -> None:
    """Send the second parcel and let its window close."""
    part = orders.get_order(order.id).company_orders[1]
    with atomic():
        order_service.mark_sent(
            company_order=part, tracking="", return_window=timedelta(0),
            now=clock.now() - timedelta(days=9),
        )  # fmt: skip
    with atomic():
        assert service.release(company_order_id=part.id, now=clock.now())


def gift(order) -> dict[str, int]:
    project = orders.get_order(order.id).allocations[0].project_id
    rows = ledger.list_balances_of([project])
    return {row.purpose: row.balance_minor for row in rows if row.source == "top_up"}


class TestGift:
    def test_moves_on_when_the_last_parcel_is_released(self, order):
        cancel(order)
        release(order)
        assert gift(order) == {"project_pending": 0, "project_available": 200}

    def test_moves_on_when_the_last_parcel_is_cancelled(self, order):
        release(order)
        cancel(order)
        assert gift(order) == {"project_pending": 0, "project_available": 200}

    def test_is_taken_back_from_where_it_is(self, order):
        cancel(order)
        release(order)
        give_back(order=order, pieces={}, with_top_up=True)
        assert gift(order) == {"project_pending": 0, "project_available": 0}

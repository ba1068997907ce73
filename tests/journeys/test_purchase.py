"""Buy from two companies for three projects; give back a line before and one after the release."""

from datetime import timedelta
from pathlib import Path

import pytest

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.ledger import queries as ledger_queries
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.orders.models import Order, OrderState
from tests import factories
from tests.golden import compare
from tests.journeys.printed import print_book
from tests.provider import Provider

GOLDEN = Path(__file__).parents[1] / "golden" / "ledger"
HOME = Delivery("elena@example.org", "Elena B.", "Via Po 1", "10123", "Torino", "IT")


@pytest.fixture
def shop(db):
    """Two companies, a product of 36.60 at 8% and two of 13.42 at 5.00 a piece, three projects."""
    weaver = factories.make_company(name="Arbosca", pledge_bp=800, shipping_minor=490)
    roaster = factories.make_company(name="Calmiera", pledge_bp=None, pledge_unit_minor=66)
    towels = factories.make_product(weaver, price_minor=3660, title="Towels")
    beans = factories.make_product(roaster, price_minor=1342, vat_bp=1000, title="Beans")
    projects = [factories.make_project(title=title) for title in ("Springs", "Aurora", "Nora")]
    db.commit()
    return {"companies": [weaver, roaster], "products": [towels, beans], "projects": projects}


def place(shop, *, top_up_minor: int = 200, choice=(186, 112, 74)) -> Order:
    towels, beans = (product.variants[0] for product in shop["products"])
    wish = PlaceOrder(
        checkout_key=f"key-{clock.now().timestamp()}",
        wanted={towels.id: 1, beans.id: 2},
        choice=list(zip([project.id for project in shop["projects"]], choice, strict=True)),
        top_up_minor=top_up_minor,
        delivery=HOME,
        locale="en",
    )
    with atomic():
        order, sending = service.place(
            wish=wish,
            commission_bp=500,
            hold=timedelta(minutes=30),
            success_url="http://localhost/checkout/done/{token}",
            cancel_url="http://localhost/checkout/back/{token}",
            now=clock.now(),
        )
    jobs.send(sending)
    return orders.get_order(order.id)


def pay(order: Order, provider: Provider) -> Order:
    where = provider.pay(order.payment_url)
    assert where.startswith("http://localhost/checkout/done/")
    jobs.settle_session(order.checkout_session_id)
    return orders.get_order(order.id)


class TestPurchase:
    def test_is_followed_to_the_cent(self, db, shop, provider):
        order = pay(place(shop), provider)
        assert order.state is OrderState.PAID
        names = {part.id: part.name for part in shop["companies"]}
        names |= {project.id: project.title for project in shop["projects"]}
        towels, beans = order.lines
        weaver_part = order.company_orders[0]

        with atomic():
            service.request_refund(
                order_id=order.id,
                pieces={beans.id: 1},
                shipping=[],
                reason="One bag was torn",
                requested_by_id=None,
                now=clock.now(),
            )
        self.run_commands()

        for part in orders.get_order(order.id).company_orders:
            with atomic():
                order_service.mark_sent(
                    company_order=part,
                    tracking="",
                    return_window=timedelta(0),
                    now=clock.now() - timedelta(days=4),
                )
            with atomic():
                assert service.release(company_order_id=part.id, now=clock.now())

        with atomic():
            service.request_refund(
                order_id=order.id,
                pieces={towels.id: 1},
                shipping=[weaver_part.id],
                reason="Wrong colour",
                requested_by_id=None,
                now=clock.now(),
            )
        self.run_commands()

        done = orders.get_order(order.id)
        assert done.refunded_minor == 1342 + 3660 + 490
        compare(GOLDEN / "two-companies-three-projects.txt", print_book(order.id, names))
        self.compare_with_the_outside(provider, done)

    def test_refunding_everything_leaves_zero(self, db, shop, provider):
        order = pay(place(shop), provider)
        with atomic():
            service.request_full_refund(
                order_id=order.id, reason="Never came", requested_by_id=None, now=clock.now()
            )
        self.run_commands()
        order = orders.get_order(order.id)
        assert order.refunded_minor == order.total_minor
        left = sum(row.left_minor for row in ledger_queries.list_remainders(order.id))
        assert left == 0

    @staticmethod
    def run_commands() -> None:
        for command_id in jobs.queries.list_due_commands(clock.now()):
            jobs.run_command(command_id=str(command_id))

    @staticmethod
    def compare_with_the_outside(provider: Provider, order: Order) -> None:
        """Hold the provider's journal against our order: one page, two refunds, nothing else."""
        about = [
            entry
            for entry in provider.journal()
            if entry.method == "POST" and entry.path.startswith("/v1/") and entry.status == 200
        ]
        mine = [entry for entry in about if str(order.id) in str(entry.params)]
        assert [entry.path for entry in mine] == [
            "/v1/checkout/sessions",
            "/v1/refunds",
            "/v1/refunds",
        ]
        assert sum(int(entry.params["amount"]) for entry in mine[1:]) == order.refunded_minor

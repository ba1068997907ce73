"""Buy from two companies for three projects; give back a line before and one after the release."""

from datetime import timedelta
from pathlib import Path

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.ledger import queries as ledger_queries
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.orders.models import Order, OrderState
from tests.golden import compare
from tests.journeys.printed import print_book
from tests.journeys.purchase import pay, place
from tests.provider import Provider

GOLDEN = Path(__file__).parents[1] / "golden" / "ledger"


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

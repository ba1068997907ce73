"""A dispute beside refund, release and a new choice: one after the other, no cent lost."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid
from marketplace.ledger.rules import Source
from marketplace.orders import queries as orders
from marketplace.orders import service as order_service
from marketplace.payments import queries as payments
from tests import factories
from tests.concurrency.market import Market


class TestDispute:
    @pytest.mark.parametrize("ending", ["won", "lost"])
    def test_takes_turns_with_refund_release_and_a_new_choice(self, market: Market, ending: str):
        """Fails if any of them moves an order's money without holding the order."""
        stall = market.stall()
        order = market.buy(stall, pieces=3)
        part = order.company_orders[0]
        with atomic():
            order_service.mark_sent(
                company_order=part,
                tracking="",
                return_window=timedelta(0),
                now=clock.now() - timedelta(days=9),
            )
            other = factories.make_project().id
        with atomic():
            service.request_refund(
                order_id=order.id,
                pieces={order.lines[0].id: 1},
                shipping=[],
                reason="Torn",
                requested_by_id=None,
                now=clock.now(),
            )
        market.run_commands()
        payment = payments.find_payment(order.payment_id or "")
        session.rollback()
        market.messages(order)
        dispute_id = market.provider.dispute(payment.charge_id if payment else "")
        messages = market.messages(order)
        market.provider.decide(dispute_id, ending)
        messages += market.messages(order)

        def release() -> None:
            with atomic():
                service.release(company_order_id=part.id, now=clock.now())

        def choose() -> None:
            pending = service.pending_of(order.id).get(Source.PLEDGE, {})
            session.rollback()
            with atomic():
                service.change_choice(
                    order_id=order.id,
                    wanted={Source.PLEDGE: {other: sum(pending.values())}},
                    now=clock.now(),
                )

        def hear() -> None:
            for message in messages:
                jobs.take_event(message)

        answers = market.at_once([hear, hear, jobs.ask_for_disputes, release, release, choose])
        wrong = [one for one in answers if isinstance(one, Exception)]
        assert [one for one in wrong if not isinstance(one, Conflict | Invalid)] == []
        hear()
        kinds = market.kinds(order)
        assert kinds.count("dispute_opened") == 1
        assert kinds.count(f"dispute_{ending}") == 1
        assert kinds.count("refund") == 1
        assert not orders.is_disputed(order.id)
        assert market.broken() == []

"""Money that goes back or on, asked for by several at once; payments that come too late."""

from datetime import timedelta

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict
from marketplace.orders import service as order_service
from marketplace.orders.models import Order, OrderState
from marketplace.payments import queries as payments
from marketplace.payments.rules import PaymentState
from tests.concurrency.market import Market, Stall


def ask_back(order: Order, pieces: int) -> None:
    with atomic():
        service.request_refund(
            order_id=order.id,
            pieces={order.lines[0].id: pieces},
            shipping=[],
            reason="Torn",
            requested_by_id=None,
            now=clock.now(),
        )


class TestRefunds:
    def test_asked_for_at_once_never_give_back_more_than_was_paid(self, market: Market):
        """Fails if a refund reads what is left without holding the order."""
        order = market.buy(market.stall(), pieces=3)
        answers = market.at_once([lambda: ask_back(order, 2)] * 6)
        assert [type(answer) for answer in answers if answer is not None] == [Conflict] * 5
        market.run_commands()
        assert market.refunds(order.payment_id or "") == [2 * 3660]
        assert market.seen(order.id).refunded_minor == 2 * 3660
        assert market.broken() == []

    def test_are_sent_once_by_several_workers(self, market: Market):
        """Fails if a command goes out without its own key."""
        order = market.buy(market.stall(), pieces=2)
        ask_back(order, 1)
        due = [str(one) for one in payments.list_due_commands(clock.now())]
        market.at_once([lambda: [jobs.run_command(command_id=one) for one in due]] * 8)
        assert market.refunds(order.payment_id or "") == [3660]
        assert market.kinds(order) == ["capture", "fee", "refund"]
        assert market.broken() == []

    def test_and_the_release_of_the_same_line_take_turns(self, market: Market):
        """Fails if the release does not hold the order: the cents would go twice."""
        order = market.buy(market.stall(), pieces=2)
        part = order.company_orders[0]
        with atomic():
            order_service.mark_sent(
                company_order=part,
                tracking="",
                return_window=timedelta(0),
                now=clock.now() - timedelta(days=9),
            )
        ask_back(order, 1)
        due = [str(one) for one in payments.list_due_commands(clock.now())]

        def release() -> None:
            with atomic():
                service.release(company_order_id=part.id, now=clock.now())

        answers = market.at_once(
            [lambda: [jobs.run_command(command_id=one) for one in due], release, release]
        )
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert sorted(market.kinds(order)) == [
            "capture", "fee", "refund", "release", "release", "release",
        ]  # fmt: skip
        assert market.broken() == []


class TestLatePayment:
    def lapse(self, market: Market, stall: Stall) -> Order:
        """Let an order lapse while its payment page still stands open."""
        order = market.place(stall)
        with atomic():
            service.let_lapse(order_id=order.id)
        return order

    def test_goes_back_in_full_when_the_stock_is_gone(self, market: Market):
        """Fails if a lapsed order is paid without its pieces, or the refund is left to people."""
        stall = market.stall(on_hand=1)
        late = self.lapse(market, stall)
        market.buy(stall)
        market.provider.pay(late.payment_url or "")
        jobs.settle_session(late.checkout_session_id or "")
        market.run_commands()
        assert market.seen(late.id).state is OrderState.LAPSED
        assert market.charges(late) == [0]
        assert market.kinds(late) == ["late_payment", "fee", "late_payment_refund"]
        assert market.broken() == []

    def test_pays_the_order_while_the_stock_is_there(self, market: Market):
        """Fails if whatever comes late is sent back."""
        late = self.lapse(market, market.stall(on_hand=1))
        market.provider.pay(late.payment_url or "")
        jobs.settle_session(late.checkout_session_id or "")
        seen = market.seen(late.id)
        assert seen.state is OrderState.PAID
        assert payments.find_payment(seen.payment_id or "").state is PaymentState.SETTLED
        assert market.charges(late) == [3760]
        assert market.broken() == []

    def test_of_several_only_as_many_are_kept_as_there_are_pieces(self, market: Market):
        """Fails if pieces are held again without looking at what others hold."""
        stall = market.stall(on_hand=2)
        late: list[Order] = []
        for _ in range(3):
            late += [self.lapse(market, stall), self.lapse(market, stall)]
        for order in late:
            market.provider.pay(order.payment_url or "")
        answers = market.at_once(
            [lambda one=one: jobs.settle_session(one.checkout_session_id or "") for one in late]
        )
        assert set(answers) == {"complete"}
        market.run_commands()
        states = [market.seen(order.id).state for order in late]
        assert states.count(OrderState.PAID) == 2
        assert sorted(sum(market.charges(order)) for order in late) == [0, 0, 0, 0, 3760, 3760]
        assert market.broken() == []

"""Many at once: nothing is sold twice, nobody is charged without an order."""

from marketplace.checkout import jobs
from marketplace.checkout.service import OutOfStock
from marketplace.orders.models import Order, OrderState
from tests.concurrency.market import Market

BUYERS, PIECES = 50, 10


class TestLastPieces:
    def test_go_to_as_many_buyers_and_nobody_else_is_charged(self, market: Market):
        """Fails if the reservation reads the stock without holding its row."""
        stall = market.stall(on_hand=PIECES)
        answers = market.at_once([lambda: market.buy(stall)] * BUYERS)
        bought = [answer for answer in answers if isinstance(answer, Order)]
        refused = [answer for answer in answers if isinstance(answer, OutOfStock)]
        assert (len(bought), len(refused)) == (PIECES, BUYERS - PIECES), set(map(repr, answers))
        assert {order.state for order in bought} == {OrderState.PAID}
        assert [market.charges(order) for order in bought] == [[3660 + 100]] * PIECES
        assert market.broken() == []

    def test_a_double_click_places_one_order(self, market: Market):
        """Fails if the key of a checkout is not unique."""
        stall = market.stall(on_hand=PIECES)
        answers = market.at_once([lambda: market.place(stall, key="one-checkout")] * 8)
        placed = [answer for answer in answers if isinstance(answer, Order)]
        assert len(placed) == 1
        assert market.broken() == []


class TestNews:
    def test_a_hundred_times_the_same_message_has_one_effect(self, market: Market):
        """Fails if an event is applied before it is recorded, or recorded without a key."""
        order = market.place(market.stall())
        market.provider.pay(order.payment_url or "")
        seen = market.messages(order)
        paid = next(one for one in seen if one.type == "checkout.session.completed")
        answers = market.at_once([lambda: jobs.take_event(paid)] * 100)
        assert [answer for answer in answers if answer is not None] == []
        assert market.kinds(order) == ["capture", "fee"]
        assert market.letters(order) == ["order_receipt_mail"]
        assert market.broken() == []

    def test_from_the_browser_the_provider_and_the_worker_capture_once(self, market: Market):
        """Fails if settling does not lock the order first."""
        order = market.place(market.stall())
        market.provider.pay(order.payment_url or "")
        back = [lambda: jobs.settle_session(order.checkout_session_id or "")] * 8
        told = [lambda one=one: jobs.take_event(one) for one in market.messages(order)]
        answers = market.at_once([*back, *told, *back])
        assert [answer for answer in answers if isinstance(answer, Exception)] == []
        assert market.kinds(order) == ["capture", "fee"]
        assert market.letters(order) == ["order_receipt_mail"]
        assert market.broken() == []

"""What only a real commit shows: rules that wait for it, and one button pressed twice."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from marketplace.core import db as database
from marketplace.core.db import atomic, session
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from sandbox.app import store_of
from tests import factories
from tests.checkout.shopper import Shopper
from tests.cluster import in_transactions
from tests.concurrency.market import Market

COPY_LINE = """
    insert into order_line
    select (jsonb_populate_record(line, jsonb_build_object('id', cast(:copy as uuid)))).*
    from order_line line where order_id = :order
"""
COPY_ALLOCATION = """
    insert into allocation
    select (jsonb_populate_record(given, jsonb_build_object(
        'id', gen_random_uuid(), 'line_id', cast(:copy as uuid), 'amount_minor', cast(:minor as int)
    ))).*
    from allocation given where order_id = :order and source = 'pledge'
"""


class TestShare:
    """A line that gives 2.40, written past the product by SQL alone."""

    @pytest.fixture
    def write(self, market: Market, committing_engine):
        order = market.place(market.stall())

        def write(*amounts: int, end: str) -> None:
            copy = {"order": order.id, "copy": uuid.uuid4()}
            with in_transactions(committing_engine).connect() as connection:
                connection.execute(sa.text(COPY_LINE), copy)
                for minor in amounts:
                    connection.execute(sa.text(COPY_ALLOCATION), copy | {"minor": minor})
                connection.execute(sa.text(end))

        return write

    @pytest.mark.parametrize("amounts", [[], [239], [241]], ids=["none", "too little", "too much"])
    def test_is_refused_at_the_commit_where_its_allocations_are_not_all_of_it(self, write, amounts):
        with pytest.raises(IntegrityError) as refusal:
            write(*amounts, end="commit")
        assert database.violated(refusal.value) == "allocations_add_up_to_the_share"

    def test_is_written_with_all_its_allocations(self, write):
        write(240, end="set constraints all immediate")


class TestPay:
    def visit(self, market: Market) -> Shopper:
        """Go through the checkout up to the last page."""
        with atomic():
            product, project = factories.make_product(), factories.make_project()
        shopper = Shopper(market.app.test_client())
        shopper.puts(product)
        shopper.says_address()
        shopper.chooses({project: "2.40"})
        return shopper

    def twins(self, market: Market, shopper: Shopper, count: int) -> list[Shopper]:
        """Return the same browser, pressing the button from so many threads."""
        cookies = shopper.client._cookies
        made = [Shopper(market.app.test_client()) for _ in range(count)]
        for twin in made:
            twin.client._cookies.update(cookies)
        return made

    def pages_of(self, market: Market, order: Order) -> list[tuple[str]]:
        with store_of(market.provider.double).connection() as connection:
            return connection.execute(
                "select data ->> 'status' from sandbox.object where type = 'checkout.session' "
                "and data ->> 'client_reference_id' = %s",
                [str(order.id)],
            ).fetchall()

    def test_pressed_twice_places_one_order_with_one_payment_page(self, market: Market):
        """Fails if the second press places an order of its own, or closes the page of the first."""
        for _ in range(4):
            self.press_twice(market)
        assert market.broken() == []

    def press_twice(self, market: Market) -> None:
        shopper = self.visit(market)
        fields = shopper.last_page()
        twins = self.twins(market, shopper, 2)
        answers = market.at_once(
            [lambda one=one: one.post("/checkout/payment", **fields) for one in twins]
        )
        assert [answer.status_code for answer in answers] == [303, 303], answers
        session.rollback()
        (order,) = session.scalars(
            sa.select(Order).where(Order.checkout_key == fields["checkout_key"])
        ).all()
        assert order.state is OrderState.PLACED
        assert self.pages_of(market, order) == [("open",)]
        went = {answer.location for answer in answers}
        assert went <= {order.payment_url, f"/checkout/opening/{order.token}"}

    def test_pressed_while_the_first_is_being_placed_leaves_its_payment_page_open(
        self, market: Market, monkeypatch
    ):
        """Fails if the second, which looked too early to find the order, lets it go as an older
        one of the same basket."""
        shopper = self.visit(market)
        fields = shopper.last_page()
        first = shopper.post("/checkout/payment", **fields)
        look, looks = orders.find_by_checkout_key, []

        def look_too_early(key: str) -> Order | None:
            looks.append(key)
            return look(key) if len(looks) > 1 else None

        monkeypatch.setattr(orders, "find_by_checkout_key", look_too_early)
        second = shopper.post("/checkout/payment", **fields)
        assert (second.status_code, second.location) == (303, first.location)
        order = look(fields["checkout_key"])
        assert self.pages_of(market, order) == [("open",)]
        assert market.broken() == []

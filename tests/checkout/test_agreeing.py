"""What is written of an order when it is placed: every column of its rows, or knowingly not."""

import pytest

from marketplace.checkout.service.agreeing import COLUMNS
from marketplace.orders.models import Allocation, CauseChoice, CompanyOrder, Order, OrderLine

LATER = {
    Order: {
        *("payment_id", "checkout_session_id", "payment_url", "paid_at", "forget_asked_at"),
        "erased_at",
    },
    CompanyOrder: {"sent_at", "window_closes_at", "released_at"},
    OrderLine: set(),
    CauseChoice: set(),
    Allocation: set(),
}


class TestColumns:
    @pytest.mark.parametrize("table", list(LATER), ids=lambda table: table.__tablename__)
    def test_are_those_of_the_table_but_for_what_comes_later(self, table):
        """Fails where a table gains a column that nobody writes."""
        assert {*COLUMNS[table]} | LATER[table] == {*table.__table__.columns.keys()}

"""A company sends its orders and gives money back, on its own pages."""

import pytest

from marketplace.orders import queries as orders
from marketplace.orders.models import CompanyOrderState
from tests import factories
from tests.journeys.purchase import pay, place


@pytest.fixture
def shop(db):
    """Two companies, each with a product, and three projects."""
    weaver = factories.make_company(name="Arbosca", pledge_bp=800, shipping_minor=490)
    roaster = factories.make_company(name="Calmiera", pledge_bp=None, pledge_unit_minor=66)
    towels = factories.make_product(weaver, price_minor=3660, title="Towels")
    beans = factories.make_product(roaster, price_minor=1342, vat_bp=1000, title="Beans")
    projects = [factories.make_project(title=title) for title in ("Springs", "Aurora", "Nora")]
    db.commit()
    return {"companies": [weaver, roaster], "products": [towels, beans], "projects": projects}


@pytest.fixture
def paid(shop, provider):
    return pay(place(shop), provider)


@pytest.fixture
def member(shop, client, db):
    """A member of the second company, signed in."""
    user = factories.make_user()
    factories.make_member(shop["companies"][1], user)
    factories.sign_in(client, user)
    db.commit()
    return user


def address(shop, order, rest=""):
    part = order.company_orders[1]
    return f"/company/{shop['companies'][1].slug}/orders/{part.number}{rest}"


class TestOrders:
    def test_shows_what_is_to_send(self, shop, paid, member, client):
        slug = shop["companies"][1].slug
        page = client.get(f"/company/{slug}/orders")
        assert page.status_code == 200
        assert paid.company_orders[1].number in page.text
        assert paid.company_orders[0].number not in page.text
        assert (
            paid.company_orders[1].number
            not in client.get(f"/company/{slug}/orders?state=sent").text
        )

    def test_survives_a_made_up_cursor(self, shop, paid, member, client):
        slug = shop["companies"][1].slug
        assert client.get(f"/company/{slug}/orders?after=x&state=zzz").status_code == 200

    def test_does_not_exist_for_others(self, shop, paid, member, client):
        other = shop["companies"][0].slug
        assert client.get(f"/company/{other}/orders").status_code == 404
        number = paid.company_orders[0].number
        assert client.get(f"/company/{other}/orders/{number}").status_code == 404
        own = shop["companies"][1].slug
        assert client.get(f"/company/{own}/orders/{number}").status_code == 404

    def test_sends_strangers_to_the_sign_in(self, shop, paid, client):
        assert client.get(f"/company/{shop['companies'][1].slug}/orders").status_code == 303


class TestOrder:
    def test_shows_the_address_and_what_is_given(self, shop, paid, member, client):
        page = client.get(address(shop, paid)).text
        assert "Via Po 1" in page
        assert "Elena B." in page
        assert "Springs" in page
        assert "Towels" not in page

    def test_is_marked_as_sent_once(self, shop, paid, member, client, db):
        where = address(shop, paid, "/sent")
        assert client.post(where, data={"tracking": "RR1<b>"}).status_code == 303
        part = orders.get_order(paid.id).company_orders[1]
        assert part.state is CompanyOrderState.SENT
        assert (part.window_closes_at - part.sent_at).days >= 14
        assert "RR1&lt;b&gt;" in client.get(address(shop, paid)).text
        assert client.post(where, data={"tracking": ""}).status_code == 409


class TestRefund:
    def send(self, client, shop, order, *, pieces, line=None, **more):
        line = line or order.company_orders[1].lines[0]
        fields = {"line": str(line.id), "pieces": pieces, "reason": "Torn bag"}
        return client.post(address(shop, order, "/refund"), data=fields | more)

    def test_gives_back_own_pieces_and_says_so(
        self, shop, paid, member, client, provider, run_jobs
    ):
        order = orders.get_order(paid.id)
        line = next(one for one in order.lines if one.title == "Beans")
        assert self.send(client, shop, order, pieces="1", line=line).status_code == 303
        assert "On its way" in client.get(address(shop, order)).text
        run_jobs()
        provider.deliver()
        page = client.get(address(shop, order)).text
        assert "Done" in page
        assert "1 piece given back" in page
        assert orders.get_order(paid.id).refunded_minor == 1342

    def test_refuses_more_than_is_left_and_keeps_what_was_typed(self, shop, paid, member, client):
        order = orders.get_order(paid.id)
        line = next(one for one in order.lines if one.title == "Beans")
        page = self.send(client, shop, order, pieces="99", line=line)
        assert page.status_code == 422
        assert 'value="99"' in page.text
        assert "Torn bag" in page.text

    def test_refuses_nothing_at_all(self, shop, paid, member, client):
        order = orders.get_order(paid.id)
        line = next(one for one in order.lines if one.title == "Beans")
        assert self.send(client, shop, order, pieces="0", line=line).status_code == 422
        assert self.send(client, shop, order, pieces="-1", line=line).status_code == 422
        assert orders.get_order(paid.id).refund_reserved_minor == 0

    def test_never_gives_back_lines_of_other_companies(self, shop, paid, member, client):
        order = orders.get_order(paid.id)
        line = next(one for one in order.lines if one.title == "Towels")
        assert self.send(client, shop, order, pieces="1", line=line).status_code == 404
        assert orders.get_order(paid.id).refund_reserved_minor == 0

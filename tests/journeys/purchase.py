"""A shop in which somebody buys: two companies, two products, three projects."""

from datetime import timedelta

import pytest

from marketplace.checkout import jobs, service
from marketplace.checkout.service import Delivery, PlaceOrder
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.ids import new_id
from marketplace.orders import queries as orders
from marketplace.orders.models import Order
from tests import factories
from tests.provider import Provider

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
        checkout_key=f"key-{new_id()}",
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

"""A purchase with a gift of 2.00 to three projects, whose recipients may qualify."""

from datetime import date, timedelta

import pytest

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.papers import service
from marketplace.papers.rules import RecipientKind
from tests import factories
from tests.checkout.purchases import Purchases

SAID = {
    "name": "Casa Aurora OdV",
    "kind": RecipientKind.ASSOCIATION,
    "country": "IT",
    "registration_number": "97512340015",
    "address": "Via Po 1\n10123 Torino",
    "valid_from": date(2020, 1, 1),
    "valid_until": None,
    "document": "Extract of the register of 3 May 2026",
}
GIVER = {
    "name": "Elena Bianchi",
    "street": "Via Roma 2",
    "postal_code": "10121",
    "city": "Torino",
    "country": "IT",
}


@pytest.fixture
def shop(db, provider):
    return Purchases.begin(db, provider)


@pytest.fixture
def operator(db):
    person = factories.make_user(name="Giulia", is_operator=True)
    db.commit()
    return person


@pytest.fixture
def qualify(db, operator):
    """Return a function that marks a project's recipient."""

    def mark(project, **changes):
        with atomic():
            return service.qualify(
                project=project, said=SAID | changes, operator=operator, now=clock.now()
            )

    return mark


@pytest.fixture
def recipient(shop, qualify):
    return qualify(shop.projects[0])


@pytest.fixture
def ask():
    """Return a function that asks for an order's gift receipts."""

    def say(order, **changes):
        with atomic():
            return service.ask(
                order_id=order.id,
                giver=service.Giver(**(GIVER | changes)),
                locale="en",
                now=clock.now(),
            )

    return say


@pytest.fixture
def look(db):
    """Return a function that looks after an order's gift receipts as the job does."""

    def after(order):
        with atomic():
            return service.look_after(
                order_id=order.id, now=clock.now() + timedelta(microseconds=1)
            )

    return after


@pytest.fixture
def confirmed(shop):
    """Return a function that buys, and lets everything be confirmed."""

    def buy(**how):
        order = shop.buy(**how)
        shop.send(order)
        shop.release(order)
        return order

    return buy

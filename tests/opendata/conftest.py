"""What the tests of open data share."""

import pytest

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.media import storage
from marketplace.opendata import queries
from marketplace.orders.queries import get_order
from tests.journeys.purchase import pay, place
from tests.orders.world import confirm_all, pay_out
from tests.outcomes.conftest import indicator, measure, owner, project

__all__ = ["indicator", "measure", "owner", "project"]


@pytest.fixture
def given(db, shop, provider, run_jobs):  # a fixture
    """Buy three times; confirm two, pay a project out, give the third back; return a project."""
    first, second, third = (pay(place(shop), provider).id for _ in range(3))
    with atomic():
        checkout.request_full_refund(
            order_id=third, reason="All of it", requested_by_id=None, now=clock.now()
        )
    run_jobs()
    confirm_all(first)
    confirm_all(second)
    project = get_order(first).allocations[0].project
    pay_out(project.id)
    return project


@pytest.fixture
def nothing_kept(app):
    """Take back every file that another test left."""
    storage.delete([stored.name for stored in storage.list_stored(queries.FOLDER)])

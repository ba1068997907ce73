"""Baskets that nobody comes back to are forgotten, and no others."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.checkout.models import Basket, BasketLine
from marketplace.checkout.service import baskets
from marketplace.core import clock
from marketplace.core.db import atomic
from tests import factories


@pytest.fixture
def basket(db):
    """Return a function that makes a basket with something in it, last changed days ago."""

    def make(token: str, *, days_ago: int, user=None, filled: bool = True) -> None:
        then = clock.now() - timedelta(days=days_ago)
        made = service.open_basket(token=token, user_id=user and user.id, now=then)
        if filled:
            variant = factories.make_product().variants[0]
            service.put(basket_id=made, variant_id=variant.id, quantity=1, now=then)
        service.keep_draft(basket_id=made, said={"delivery": {"name": token}}, now=then)
        db.commit()

    return make


def left(db) -> list[str]:
    rows = db.scalars(sa.select(Basket.draft).order_by(Basket.changed_at))
    return [draft["delivery"]["name"] for draft in rows]


class TestPurgeBaskets:
    def test_forgets_those_of_guests_when_their_cookie_is_long_gone(self, db, basket):
        basket("abandoned", days_ago=41)
        basket("ordered", days_ago=50, filled=False)
        basket("in use", days_ago=39)
        jobs.purge_baskets()
        assert left(db) == ["in use"]
        assert db.scalar(sa.select(sa.func.count()).select_from(BasketLine)) == 1

    def test_keeps_those_of_people_for_a_year(self, db, basket):
        basket("of last year", days_ago=366, user=factories.make_user())
        basket("of this year", days_ago=364, user=factories.make_user())
        jobs.purge_baskets()
        assert left(db) == ["of this year"]

    def test_goes_on_until_all_are_gone_some_at_a_time(self, db, basket, monkeypatch):
        for number in range(5):
            basket(f"number {number}", days_ago=100 - number, filled=False)
        monkeypatch.setattr(baskets, "PURGED_AT_ONCE", 2)
        with atomic():
            assert service.purge(now=clock.now())
        assert left(db) == ["number 2", "number 3", "number 4"]
        jobs.purge_baskets()
        assert left(db) == []

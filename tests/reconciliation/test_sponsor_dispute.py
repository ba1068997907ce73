"""A foundation pays a pool in with a card that its bank disputes: over HTTP, by messages alone."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.campaigns import jobs as pool_jobs
from marketplace.campaigns.models import Pool
from marketplace.core.db import session
from tests import factories
from tests.campaigns.pools import make_sponsor
from tests.checkout.purchases import Purchases, broken
from tests.golden import compare
from tests.journeys.printed import print_book

GOLDEN = Path(__file__).parents[1] / "golden" / "ledger"
DISPUTED = "4000000000000259"
AT = "/account/pools/the-long-winter"
SAID = {
    "title": "The long winter",
    "ratio": "100",
    "scope": "all",
    "starts_on": "2020-01-01",
    "ends_on": "2199-12-31",
}


@pytest.fixture
def shop(db, provider):
    here = Purchases.begin(db, provider)
    here.messages()
    return here


def pool_of(title):
    session.rollback()
    query = sa.select(Pool).where(Pool.title == title)
    return session.scalars(query.execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("ending", ["won", "lost"])
class TestASponsorsDispute:
    def test_is_followed_to_the_cent(
        self, app, client, shop, provider, sign_in, run_jobs, later, differences, ending
    ):
        giver = factories.make_user(name="Bruna Riva", email="bruna@example.org")
        make_sponsor(giver)
        sign_in(client, giver)
        assert client.post("/account/pools/new", data=SAID).status_code == 303

        def pays(amount, card):
            key = re.findall(r'form_key" value="([^"]+)', client.get(AT).text)[0]
            page = client.post(f"{AT}/fund", data={"amount": amount, "form_key": key})
            provider.pay(page.location, card)

        pays("5", "4242424242424242")
        assert set(provider.deliver(times=2)) == {200}
        order = shop.buy(top_up=0)
        assert order.matched_minor == 372
        pays("10", DISPUTED)
        assert set(provider.deliver(times=2)) == {200}
        later(2)
        assert differences() == []
        assert broken() == []

        staff = app.test_client()
        sign_in(staff, factories.make_user(is_operator=True))
        link = re.findall(r'href="(/staff/disputes/du_[^"]+)"', staff.get("/staff/disputes").text)
        assert staff.post(f"{link[0]}/note", data={"body": "A letter of May"}).status_code == 303
        assert staff.post(f"{link[0]}/evidence").status_code == 303
        run_jobs()
        public = app.test_client().get("/pools/the-long-winter").text
        assert "€10.00 of it are held" in re.sub("<[^>]+>", "", public)
        assert client.post(f"{AT}/end", data={"reason": "We move"}).status_code == 303
        assert pool_of("The long winter").returned_minor == 0
        later(4)
        assert differences() == []

        provider.decide(link[0].rsplit("/", 1)[1], ending)
        assert set(provider.deliver(times=2)) == {200}
        run_jobs()
        provider.deliver()
        pool_jobs.end_pools()
        pool = pool_of("The long winter")
        back = 1_500 - 372 if ending == "won" else 500 - 372
        assert (pool.returned_minor, pool.lost_minor) == (back, 1_500 - 372 - back)
        later(6)
        assert differences() == []
        assert broken() == []
        names = {one.id: one.title for one in [pool, *shop.projects]}
        compare(GOLDEN / f"sponsor-dispute-{ending}.txt", print_book(pool.id, names))

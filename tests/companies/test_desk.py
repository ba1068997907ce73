"""A company's desk: what is to do, and what it promises."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from tests import factories
from tests.journeys.purchase import pay, place

SAID = {
    "tagline": "Linen",
    "about": "Eleven people.",
    "kind": "unit",
    "pledge": "5,00",
    "shipping": "4.90",
    "free_from": "",
    "ships_within_days": "3",
}


@pytest.fixture
def member(client, sign_in, shop):
    person = factories.make_user()
    factories.make_member(shop["companies"][0], person)
    sign_in(client, person)
    return person


class TestDesk:
    def test_says_what_is_to_send_and_what_is_pending(self, client, member, shop, provider):
        pay(place(shop), provider)
        page = client.get(f"/company/{shop['companies'][0].slug}").text
        assert "1 order is to send" in page
        assert "€37.60" in page  # 32.70 of the towels and 4.90 for the parcel

    def test_is_where_who_works_for_one_company_goes(self, client, member, shop):
        first = shop["companies"][0]
        assert client.get("/company").location.endswith(f"/company/{first.slug}")
        factories.make_member(factories.make_company(name="Second"), member)
        page = client.get("/company").text
        assert first.name in page
        assert "Second" in page

    def test_groups_its_pages_and_says_where_one_is(self, client, member, shop):
        page = client.get(f"/company/{shop['companies'][0].slug}/orders").text
        heading = re.search('<p class="side__head" id="(side-[0-9]+)">Selling</p>', page)
        assert f'<ul aria-labelledby="{heading[1]}">' in page
        side = page[page.index('class="side ') :].split("</nav>")[0]
        assert side.count('aria-current="page"') == 1
        assert re.search('/orders" aria-current="page">Orders', page)

    def test_is_not_there_for_others(self, client, sign_in, shop):
        sign_in(client, factories.make_user())
        for address in ("", "/profile"):
            assert client.get(f"/company/{shop['companies'][0].slug}{address}").status_code == 404


class TestPromise:
    def test_changes_for_new_orders(self, client, member, shop):
        address = f"/company/{shop['companies'][0].slug}/profile"
        assert client.post(address, data=SAID).status_code == 303
        page = client.get(f"/products/{shop['products'][0].slug}").text
        assert "€5.00" in page

    @pytest.mark.parametrize("name", ["pledge", "shipping", "free_from"])
    def test_says_what_is_no_amount(self, client, member, shop, name):
        address = f"/company/{shop['companies'][0].slug}/profile"
        answer = client.post(address, data=SAID | {name: "a lot"})
        assert answer.status_code == 422
        assert "a lot" in answer.text

    def test_is_for_owners_to_change(self, client, sign_in, shop):
        editor = factories.make_user()
        factories.make_member(shop["companies"][0], editor, role="editor")
        sign_in(client, editor)
        address = f"/company/{shop['companies'][0].slug}/profile"
        assert client.post(address, data=SAID).status_code == 403


class TestPromisedUntil:
    """Up to the day that a company named it gives no less."""

    @pytest.fixture
    def say(self, client, member, shop):
        company = shop["companies"][0]

        def send(**changes):
            return client.post(f"/company/{company.slug}/profile", data=SAID | changes)

        def day(days):
            return (clock.now().date() + timedelta(days=days)).isoformat()

        send.day = day
        return send

    def test_keeps_the_day_and_shows_it(self, say, shop, client):
        assert say(until=say.day(30)).status_code == 303
        page = client.get(f"/company/{shop['companies'][0].slug}/profile").text
        assert f'value="{say.day(30)}"' in page

    @pytest.mark.parametrize(
        ("changes", "days", "words"),
        [
            ({"pledge": "4.99"}, 30, "give no less"),
            ({"kind": "share", "pledge": "90"}, 30, "give no less"),
            ({}, 29, "for longer already"),
            ({}, None, "for longer already"),
            ({}, 4000, "within the next three years"),
        ],
    )
    def test_refuses_less(self, say, changes, days, words):
        assert say(until=say.day(30)).status_code == 303
        answer = say(**changes, until=say.day(days) if days else "")
        assert answer.status_code == 422
        assert words in answer.text

    def test_lets_it_give_more_and_longer(self, say):
        assert say(until=say.day(30)).status_code == 303
        assert say(pledge="6", until=say.day(60)).status_code == 303

    def test_is_free_again_when_the_day_is_over(self, say, db):
        assert say(until=say.day(30)).status_code == 303
        db.execute(sa.text("update company set pledge_until = current_date - 2"))
        db.expire_all()
        assert say(pledge="1").status_code == 303

    @pytest.mark.parametrize("text", ["tomorrow", "2026-13-01"])
    def test_says_what_is_no_day(self, say, text):
        answer = say(until=text)
        assert answer.status_code == 422
        assert "Write the day like" in answer.text

    def test_refuses_a_day_that_is_over(self, say):
        assert say(until=say.day(-1)).status_code == 422

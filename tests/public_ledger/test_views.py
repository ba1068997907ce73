"""The public ledgers: every entry once, nobody's name, the same as a page, CSV and JSON."""

import csv
import io
import re
from itertools import pairwise

import pytest

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.impact.queries import company_totals, project_totals
from marketplace.orders.queries import get_order
from marketplace.public_ledger import views
from tests import factories
from tests.journeys.purchase import pay, place
from tests.orders.world import confirm_all, pay_out
from tests.statements import statements


@pytest.fixture
def story(db, shop, provider, run_jobs):
    """Buy twice; confirm and pay out the first, give the second back; return who is in it."""
    orders = [place(shop), place(shop)]
    first, second = (pay(order, provider).id for order in orders)
    with atomic():
        checkout.request_full_refund(
            order_id=second, reason="All of it", requested_by_id=None, now=clock.now()
        )
    run_jobs()
    confirm_all(first)
    project = get_order(first).allocations[0].project
    company = get_order(first).company_orders[0].company
    told = {"project": (project.id, project.slug), "company": (company.id, company.slug)}
    pay_out(project.id)
    return told


def address(story, what, kind=""):
    where = "projects" if what == "project" else "companies"
    return f"/{where}/{story[what][1]}/money{kind}"


def whole(client, url):
    """Follow the pages of a JSON ledger to its end."""
    found = []
    while url:
        told = client.get(url.removeprefix("http://localhost")).get_json()
        found += told["entries"]
        url = told["next"]
    return found


class TestProject:
    def test_tells_every_entry_once_the_newest_first(self, client, story, monkeypatch):
        entries = whole(client, address(story, "project", ".json"))
        numbers = [one["number"] for one in entries]
        assert numbers == sorted(set(numbers), reverse=True)
        kinds = {one["kind"] for one in entries}
        assert kinds == {"capture", "release", "refund", "payout", "payout_settled"}
        monkeypatch.setattr(views, "PER_FILE", 3)
        assert whole(client, address(story, "project", ".json")) == entries

    def test_runs_from_nothing_to_what_is_owed(self, client, story):
        entries = whole(client, address(story, "project", ".json"))
        totals = project_totals([story["project"][0]])[story["project"][0]]
        assert entries[0]["owed_after_minor"] == totals.held_minor
        assert entries[-1]["owed_after_minor"] == entries[-1]["changes_owed_by_minor"]
        for newer, older in pairwise(entries):
            assert (
                newer["owed_after_minor"] - newer["changes_owed_by_minor"]
                == older["owed_after_minor"]
            )

    def test_adds_up_to_the_public_total(self, client, story):
        entries = whole(client, address(story, "project", ".json"))
        totals = project_totals([story["project"][0]])[story["project"][0]]
        paid = [one["amount_minor"] for one in entries if one["kind"] == "payout_settled"]
        assert sum(paid) == totals.paid_out_minor > 0
        given = [
            one["changes_owed_by_minor"] for one in entries if one["kind"] in ("capture", "refund")
        ]
        assert sum(given) == totals.given_minor

    def test_says_whose_money_it_is_and_of_nobody_who(self, client, story):
        entries = whole(client, address(story, "project", ".json"))
        assert {one["source"] for one in entries} == {"pledge", "top_up", None}
        assert all((one["given_by"] is not None) <= (one["source"] == "pledge") for one in entries)
        for kind in ("", ".csv", ".json"):
            text = client.get(address(story, "project", kind)).text
            assert "elena" not in text.lower()
            assert not re.search(r"CW-\d{4}", text)

    def test_narrows_by_kind_and_days(self, client, story):
        url = address(story, "project", ".json")
        refunds = whole(client, f"{url}?kind=refund")
        assert {one["kind"] for one in refunds} == {"refund"}
        assert {one["owed_after_minor"] for one in refunds} == {None}
        today = clock.now().date().isoformat()
        assert whole(client, f"{url}?until=2000-01-01") == []
        every = whole(client, url)
        assert len(whole(client, f"{url}?since=2000-01-01&until={today}")) == len(every)
        assert len(whole(client, f"{url}?kind=nonsense&since=x&until=9999-12-31")) == len(every)
        assert (
            "Nothing of this kind"
            in client.get(address(story, "project") + "?until=2000-01-01").text
        )

    def test_keeps_what_was_asked_from_page_to_page(self, client, story, monkeypatch):
        monkeypatch.setattr(views, "PER_FILE", 1)
        url = address(story, "project", ".json")
        assert {one["kind"] for one in whole(client, f"{url}?kind=capture")} == {"capture"}

    def test_says_the_same_as_csv(self, client, story):
        entries = whole(client, address(story, "project", ".json"))
        rows = list(csv.DictReader(io.StringIO(client.get(address(story, "project", ".csv")).text)))
        assert [int(row["number"]) for row in rows] == [one["number"] for one in entries]
        cents = [round(float(row["owed_after"]) * 100) for row in rows]
        assert cents == [one["owed_after_minor"] for one in entries]

    def test_shows_it_on_pages(self, client, story, monkeypatch):
        monkeypatch.setattr(views, "PER_PAGE", 2)
        page = client.get(address(story, "project"))
        assert "Paid out, confirmed by the provider" in page.text
        assert "Owed after it" in page.text
        assert 'rel="next"' in page.text
        assert (
            f'/projects/{story["project"][1]}/money"'
            in client.get(f"/projects/{story['project'][1]}").text
        )

    def test_costs_the_same_few_statements_on_each_page(self, client, engine, story, monkeypatch):
        monkeypatch.setattr(views, "PER_PAGE", 2)
        with statements(engine) as asked:
            client.get(address(story, "project"))
        assert len(asked) <= 3

    def test_takes_any_nonsense_for_the_beginning(self, client, story):
        url = address(story, "project", ".json")
        every = whole(client, url)
        for after in ("x", "WzFd", "WyJhIiwiYiJd"):
            assert client.get(f"{url}?after={after}").get_json()["entries"] == every

    def test_is_not_there_for_a_project_that_is_not(self, client, db):
        hidden = factories.make_project(state="proposed", verified_at=None)
        for kind in ("", ".csv", ".json"):
            assert client.get(f"/projects/{hidden.slug}/money{kind}").status_code == 404
            assert client.get(f"/companies/nobody/money{kind}").status_code == 404


class TestCompany:
    def test_tells_what_it_gave_and_what_became_of_it(self, client, story):
        gifts = whole(client, address(story, "company", ".json"))
        totals = company_totals([story["company"][0]])[story["company"][0]]
        kept = sum(one["amount_minor"] - one["taken_back_minor"] for one in gifts)
        assert kept == totals.given_minor > 0
        assert sum(one["amount_minor"] for one in gifts) == 2 * kept
        confirmed = [one for one in gifts if one["confirmed_on"]]
        assert sum(one["amount_minor"] for one in confirmed) == totals.confirmed_minor

    def test_narrows_by_what_became_of_it(self, client, story):
        url = address(story, "company", ".json")
        every = whole(client, url)
        back = whole(client, f"{url}?kind=taken_back")
        confirmed = whole(client, f"{url}?kind=confirmed")
        assert len(back) + len(confirmed) == len(every)
        assert whole(client, f"{url}?kind=held") == []
        assert whole(client, f"{url}?until=2000-01-01") == []

    def test_tells_nothing_of_what_it_sells(self, client, story):
        for kind in ("", ".csv", ".json"):
            text = client.get(address(story, "company", kind)).text
            assert "Towels" not in text
            assert "36.60" not in text
            assert "elena" not in text.lower()

    def test_goes_on_where_the_page_ended(self, client, story, monkeypatch):
        every = whole(client, address(story, "company", ".json"))
        monkeypatch.setattr(views, "PER_FILE", 1)
        assert whole(client, address(story, "company", ".json")) == every
        link = client.get(address(story, "company", ".csv")).headers["Link"]
        assert link.endswith('rel="next"')

    def test_says_the_same_as_csv_and_on_a_page(self, client, engine, story):
        gifts = whole(client, address(story, "company", ".json"))
        rows = list(csv.DictReader(io.StringIO(client.get(address(story, "company", ".csv")).text)))
        assert [row["day"] for row in rows] == [one["day"] for one in gifts]
        with statements(engine) as asked:
            page = client.get(address(story, "company"))
        assert len(asked) <= 3
        assert "Confirmed on" in page.text
        assert "Springs" in page.text

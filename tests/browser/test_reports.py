"""The demo year's reports, counted again from the database by other means."""

import re

import psycopg
import pytest

from marketplace.demo.world import read
from tests.browser import people
from tests.reports.recount import recount

TITLES = read()["report"]
COMPANY = people.companies()[0]["slug"]


class TestFigures:
    @pytest.mark.parametrize(("which", "number"), [("title", 1), ("title", 2), ("later", 1)])
    def test_are_those_of_an_independent_count(self, site, visit, which, number):
        reader = visit()
        listed = reader.request.get(f"/api/v1/companies/{COMPANY}/reports").json()["items"]
        # Other tests publish reports of this company, too.
        (slug,) = [one["slug"] for one in listed if one["title"] == TITLES[which]]
        address = f"/companies/{COMPANY}/reports/{slug}/versions/{number}.json"
        told = reader.request.get(address).json()
        with psycopg.connect(site.dsn) as connection:
            counted = recount(
                connection,
                company=COMPANY,
                starts=told["starts_on"],
                ends=told["ends_on"],
                last=told["last_transaction"],
            )
        published = {(one["query"], one["by"], one["of"]): one["amount"] for one in told["figures"]}
        assert {key: amount for key, amount in published.items() if amount} == counted
        assert published["given", "all", ""] > 0
        assert published["paid", "all", ""] > 0
        assert len([key for key in published if key[1] == "target"]) > 4

    def test_hold_when_the_books_are_checked(self, site):
        code, said = site.command("check")
        assert code == 0
        assert re.search(r"holds +reports: .*\(\d{3,} looked at, 0 broken\)", said)

"""The demo year's reports, counted again from the database by other means."""

import psycopg
import pytest

from tests.browser import people
from tests.reports.recount import recount

COMPANY = people.companies()[0]["slug"]


class TestFigures:
    @pytest.mark.parametrize("number", [1, 2])
    def test_are_those_of_an_independent_count(self, site, visit, number):
        with psycopg.connect(site.dsn) as connection:
            (slug,) = connection.execute(
                "select slug from report where starts_on = (select min(starts_on) from report)"
            ).fetchone()
        reader = visit()
        address = f"/companies/{COMPANY}/reports/{slug}/versions/{number}.json"
        told = reader.request.get(address).json()
        counted = recount(
            site.dsn,
            company=COMPANY,
            starts=told["starts_on"],
            ends=told["ends_on"],
            last=told["last_transaction"],
        )
        published = {(one["query"], one["by"], one["of"]): one["amount"] for one in told["figures"]}
        assert {key: amount for key, amount in published.items() if amount} == counted
        assert published["given", "all", ""] > 0
        assert published["paid", "all", ""] > 0

    def test_stand_in_the_document_too(self, site, visit):
        reader = visit()
        listed = reader.request.get(f"/api/v1/companies/{COMPANY}/reports").json()["items"]
        assert listed[0]["version"] == 2
        assert site.command("check")[0] == 0

"""Feeds at their addresses: right, found by programs, and of nobody's private things."""

import json
from datetime import date
from decimal import Decimal

import pytest

from marketplace.outcomes import service as outcomes
from marketplace.outcomes.rules import IndicatorKind
from marketplace.outcomes.service import IndicatorWish
from marketplace.planning.models import Milestone
from tests.factories import NOW
from tests.sharing.test_rules import complaints_atom, complaints_json, unfolded
from tests.statements import statements

ADDRESSES = ("/projects/wells/updates", "/projects/updates", "/companies/loom/news", "/news")


class TestFeeds:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_are_right_in_both_formats(self, client, project, company, address):
        xml, told = client.get(f"{address}.atom"), client.get(f"{address}.json")
        assert xml.mimetype == "application/atom+xml"
        assert told.mimetype == "application/feed+json"
        assert complaints_atom(xml.data) == []
        assert complaints_json(json.loads(told.text)) == []
        assert json.loads(told.text)["items"]

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_cost_few_statements(self, client, project, company, engine, address):
        with statements(engine) as seen:
            client.get(f"{address}.atom")
        assert len(seen) <= 4

    def test_answer_once_for_what_has_not_changed(self, client, project):
        first = client.get("/projects/wells/updates.json")
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        again = client.get(
            "/projects/wells/updates.json", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304

    def test_link_in_the_language_of_their_address(self, client, project):
        told = json.loads(client.get("/it/projects/wells/updates.json").text)
        assert told["language"] == "it"
        assert told["items"][0]["url"].startswith("http://localhost/it/projects/wells/updates/")

    @pytest.mark.parametrize("address", ["/projects/none/updates", "/companies/none/news"])
    def test_are_not_there_for_what_is_not(self, client, db, address):
        assert client.get(f"{address}.atom").status_code == 404
        assert client.get(f"{address}.rss").status_code == 404

    @pytest.mark.parametrize(
        ("page", "feed"),
        [
            ("/projects/wells", "/projects/wells/updates"),
            ("/projects", "/projects/updates"),
            ("/companies/loom", "/companies/loom/news"),
            ("/", "/news"),
        ],
    )
    def test_are_found_from_the_page(self, client, project, company, page, feed):
        text = client.get(page).text
        for ending, kind in (("atom", "atom+xml"), ("json", "feed+json")):
            assert f'<link rel="alternate" type="application/{kind}"' in text
            assert f'href="{feed}.{ending}"' in text


class TestOfCompany:
    def test_tells_reports_and_products_and_no_draft(self, client, company):
        items = json.loads(client.get("/companies/loom/news.json").text)["items"]
        assert {item["title"] for item in items} == {"Report: The year 2025", "New: Towel"}
        by_title = {item["title"]: item["content_html"] for item in items}
        assert "<em>wove</em>" in by_title["Report: The year 2025"]
        assert "8%" in by_title["New: Towel"]


class TestOfAll:
    def test_tells_what_each_belongs_to_the_newest_first(self, client, project, company):
        items = json.loads(client.get("/news.json").text)["items"]
        assert {item["tags"][0] for item in items} == {"Wells & <b>", "Loom"}
        moments = [item["date_published"] for item in items]
        assert moments == sorted(moments, reverse=True)


class TestDates:
    def test_has_a_day_for_each_target(self, client, db, project):
        for title, day in (("Taps", date(2026, 12, 31)), ("Whenever", None)):
            wish = IndicatorWish(
                title, "taps", IndicatorKind.LEVEL, "", target=Decimal(40), target_on=day
            )
            outcomes.set_indicator(project=project, indicator=None, wish=wish, now=NOW)
        for title, due, reached in (
            ("Dug", date(2026, 5, 1), date(2026, 5, 9)),
            ("Closed", date(2027, 1, 31), None),
            ("Some day", None, None),
        ):
            db.add(Milestone(project_id=project.id, title=title, due_on=due, reached_on=reached))
        db.commit()
        answer = client.get("/projects/wells/dates.ics")
        assert answer.mimetype == "text/calendar"
        lines = unfolded(answer.text)
        assert lines.count("BEGIN:VEVENT") == 3
        assert [line[-8:] for line in lines if line.startswith("DTSTART")] == [
            "20260509",
            "20261231",
            "20270131",
        ]
        assert "DESCRIPTION:Milestone\\, reached." in lines
        assert "DESCRIPTION:Milestone\\, to be reached." in lines
        assert "DTSTART;VALUE=DATE:20261231" in lines
        assert any("40 taps" in line for line in lines)
        assert 'type="text/calendar"' in client.get("/projects/wells").text

"""Published reports for programs."""

import pytest

from tests import factories
from tests.reports.making import make_published

API = "/api/v1/companies/arbosca/reports"


@pytest.fixture
def reports(db):
    company = factories.make_company(slug="arbosca")
    make_published(company, "Report 2025", opening="We *gave*.")
    make_published(company, "Report 2026", is_draft=True)
    db.commit()


class TestReports:
    def test_are_those_that_are_published(self, client, reports):
        items = client.get(API).json["items"]
        assert [item["slug"] for item in items] == ["report-2025"]
        assert client.get("/api/v1/companies/nobody/reports").status_code == 404


class TestReport:
    def test_has_the_figures_that_were_published(self, client, reports):
        found = client.get(f"{API}/report-2025").json
        given = next(one for one in found["figures"] if one["query"] == "given")
        assert given == {
            "query": "given",
            "version": 2,
            "by": "all",
            "of": "",
            "label": "",
            "amount": 0,
            "unit": "EUR",
            "entries": f"{found['url']}/entries?figure=given",
        }
        assert "<em>gave</em>" in found["parts"][0]["text_html"]
        assert found["url"] == "http://localhost/companies/arbosca/reports/report-2025"
        assert found["signed_by"]["role"] == "Founder"
        assert found["reviewed_by"] is None
        assert client.get("/companies/arbosca/reports/report-2025.json").json == found

    def test_is_not_there_while_it_is_a_draft(self, client, reports):
        assert client.get(f"{API}/report-2026").status_code == 404
        assert client.get(f"{API}/nothing").status_code == 404

"""Published reports for programs."""

from datetime import date

import pytest

from marketplace.core.ids import new_id
from marketplace.reports.models import Report, ReportState
from marketplace.reports.rules import Figures, MonthFigure, ProjectFigure
from tests import factories

API = "/api/v1/companies/arbosca/reports"
FIGURES = Figures(
    sales_minor=9_000,
    returned_minor=0,
    orders=2,
    given_minor=240,
    pending_minor=40,
    confirmed_minor=200,
    top_up_minor=500,
    projects=[ProjectFigure("springs", "Springs", 240, 2)],
    months=[MonthFigure("2026-03", 240)],
)


@pytest.fixture
def reports(db):
    company = factories.make_company(slug="arbosca")
    for slug, state in (("2025", ReportState.PUBLISHED), ("2026", ReportState.DRAFT)):
        is_out = state is ReportState.PUBLISHED
        db.add(
            Report(
                id=new_id(),
                company_id=company.id,
                slug=slug,
                title=f"Report {slug}",
                message="We *gave*.",
                starts_on=date(int(slug), 1, 1),
                ends_on=date(int(slug), 12, 31),
                currency="EUR",
                state=state,
                figures=FIGURES.to_json() if is_out else {},
                as_of=factories.NOW if is_out else None,
                last_transaction_id=7 if is_out else None,
                published_at=factories.NOW if is_out else None,
                created_at=factories.NOW,
            )
        )
    db.commit()


class TestReports:
    def test_are_those_that_are_published(self, client, reports):
        items = client.get(API).json["items"]
        assert [item["slug"] for item in items] == ["2025"]
        assert client.get("/api/v1/companies/nobody/reports").status_code == 404


class TestReport:
    def test_has_the_figures_that_were_published(self, client, reports):
        found = client.get(f"{API}/2025").json
        assert found["figures"] == FIGURES.to_json()
        assert "<em>gave</em>" in found["message_html"]
        assert found["url"] == "http://localhost/companies/arbosca/reports/2025"

    def test_is_not_there_while_it_is_a_draft(self, client, reports):
        assert client.get(f"{API}/2026").status_code == 404
        assert client.get(f"{API}/nothing").status_code == 404

"""A project that told something, and a company with a product and reports."""

from datetime import date

import pytest

from marketplace.projects import service as projects
from marketplace.reports.models import Report, ReportState
from marketplace.reports.rules import Figures
from tests import factories
from tests.factories import NOW


@pytest.fixture
def project(db):
    made = factories.make_project(slug="wells", title="Wells & <b>", place="Kisumu", country="KE")
    owner = factories.make_user(name="Achieng")
    projects.post_update(project=made, author=owner, title="It runs", body="**Water**", now=NOW)
    db.commit()
    return made


@pytest.fixture
def company(db):
    made = factories.make_company(slug="loom", name="Loom")
    factories.make_product(made, slug="towel", title="Towel")
    signer = factories.make_user()
    figures = Figures(
        sales_minor=100,
        returned_minor=0,
        orders=1,
        given_minor=8,
        pending_minor=0,
        confirmed_minor=8,
        top_up_minor=0,
        projects=[],
        months=[],
    )
    for slug, state in (("2025", ReportState.PUBLISHED), ("2026", ReportState.DRAFT)):
        is_out = state is ReportState.PUBLISHED
        db.add(
            Report(
                company_id=made.id,
                slug=slug,
                title=f"The year {slug}",
                message="We *wove*.",
                starts_on=date(2025, 1, 1),
                ends_on=date(2025, 12, 31),
                currency="EUR",
                state=state,
                figures=figures.to_json(),
                last_transaction_id=1 if is_out else None,
                published_by_id=signer.id if is_out else None,
                published_at=NOW if is_out else None,
                created_at=NOW,
            )
        )
    db.commit()
    return made

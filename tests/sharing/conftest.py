"""A project that told something, and a company with a product and reports."""

import pytest

from marketplace.projects import service as projects
from marketplace.reports.rules import Part
from tests import factories
from tests.factories import NOW
from tests.reports import making


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
    making.make_published(made, "The year 2025", **{Part.OPENING: "We *wove*."})
    making.make_draft(made, "The year 2026", days=10)
    db.commit()
    return made

"""A project that spends, its owner, receipts as pictures and papers."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from marketplace.media import service as media
from marketplace.projects import service as projects
from marketplace.projects.service import Spent
from tests import factories
from tests.factories import NOW

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture() -> BytesIO:
    file = BytesIO()
    Image.new("RGB", (64, 48), "#557755").save(file, "PNG")
    file.seek(0)
    return file


@pytest.fixture
def owner(db):
    return factories.make_user(name="Achieng’ Odera")


@pytest.fixture
def project(db, owner):
    made = factories.make_project(title="Springs")
    factories.make_owner(made, owner)
    projects.set_budget(project=made, lines=[(None, "Pipe", 70_000), (None, "Tea", 3_000)])
    db.commit()
    return made


@pytest.fixture
def spend(project, owner, db):
    """Return a function that records a receipt of some cents, so many days ago."""

    def spend(minor, days=0, *, corrects=None, **more):
        receipt = media.store_photo(upload=picture(), alt="", user_id=None, now=NOW)
        day = NOW.date() - timedelta(days=days)
        made = projects.spend(
            project=project,
            by=owner,
            spent=Spent(minor, day, "Riwa Hardware", f"Cement {minor}", receipt, **more),
            update_id=None,
            corrects=corrects,
            now=NOW,
        )
        db.commit()
        return made

    return spend

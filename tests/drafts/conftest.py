"""A project with somebody who writes for it."""

from io import BytesIO

import pytest
from PIL import Image

from marketplace.accounts.models import RateWindow
from tests import factories


def picture(colour="#557755", size=(640, 480)):
    """Return a picture as a file."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    file.seek(0)
    return file


PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def owner(db):
    """Return somebody who answers for a project."""
    return factories.make_user(name="Elena Riva", email="elena@example.org")


@pytest.fixture
def project(db, owner):
    """Return their project."""
    made = factories.make_project(slug="springs", title="Springs", country="KE")
    factories.make_owner(made, owner)
    db.execute(RateWindow.__table__.delete())
    db.commit()
    return made


@pytest.fixture
def letters(app):
    """Return a function that returns the letters to somebody; there are none at first."""
    kept = app.extensions["post"].letters
    kept.clear()
    return lambda email: [one for one in kept if one["To"] == email]


@pytest.fixture
def domain(app):
    """Let letters come in."""
    before = app.config["MAIL_DOMAIN"]
    app.config["MAIL_DOMAIN"] = "in.example.org"
    yield "in.example.org"
    app.config["MAIL_DOMAIN"] = before

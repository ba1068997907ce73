"""A storage of its own, an operator, and a project with an owner."""

import pytest

from marketplace.media import storage
from tests import factories
from tests.accounts.people import make_person


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "_stores", {})
    storage.configure(f"file:{tmp_path}")


@pytest.fixture
def operator(db):
    return factories.make_user(is_operator=True, name="Giulia Operator")


@pytest.fixture
def owner(db):
    return make_person(email="olga@example.org", name="Olga Owner")


@pytest.fixture
def project(db, owner):
    made = factories.make_project(slug="springs", title="Springs")
    factories.make_owner(made, owner)
    db.commit()
    return made


@pytest.fixture
def letters(app):
    """Return the letters that this test had sent."""
    app.extensions["post"].letters.clear()
    return app.extensions["post"].letters

"""A company and a project, each with an owner and an editor."""

import pytest

from marketplace.accounts.models import MemberRole
from marketplace.people import queries
from marketplace.people.rules import TeamKind
from tests import factories
from tests.accounts.people import make_person

DESKS = {TeamKind.COMPANY: "/company", TeamKind.PROJECT: "/project-desk"}


@pytest.fixture
def letters(app):
    """Return the letters that this test had sent."""
    app.extensions["post"].letters.clear()
    return app.extensions["post"].letters


@pytest.fixture(params=[*TeamKind])
def kind(request):
    return request.param


@pytest.fixture
def owner(db):
    return make_person(email="olga@example.org", name="Olga Owner")


@pytest.fixture
def editor(db):
    return make_person(email="ed@example.org", name="Ed Editor")


@pytest.fixture
def team(db, kind, owner, editor):
    if kind is TeamKind.COMPANY:
        place = factories.make_company(slug="arbosca", name="Arbosca")
        factories.make_member(place, owner)
        factories.make_member(place, editor, role=MemberRole.EDITOR, title="Dyer")
    else:
        place = factories.make_project(slug="arbosca", title="Arbosca")
        factories.make_owner(place, owner)
        factories.make_owner(place, editor, role=MemberRole.EDITOR, title="Dyer")
    db.commit()
    return queries.get_team(kind, "arbosca")


@pytest.fixture
def desk(team):
    return f"{DESKS[team.kind]}/arbosca/people"

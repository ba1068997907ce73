"""A company and a project with money, an owner with a password, and a second one where wanted."""

from datetime import UTC, datetime

import pytest

from marketplace.accounts.models import MemberRole
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.ledger import service as book
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.payouts import service
from marketplace.payouts.models import PayeeKind
from marketplace.people import queries as people
from marketplace.people.rules import TeamKind
from tests import factories
from tests.accounts.people import make_person

DESKS = {TeamKind.COMPANY: "/company", TeamKind.PROJECT: "/project-desk"}
THEN = datetime(2026, 3, 12, 18, 42, tzinfo=UTC)


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
def second(db):
    """Return a person who is no owner yet; see `add_owner`."""
    return make_person(email="sam@example.org", name="Sam Second")


@pytest.fixture
def team(db, kind, owner):
    if kind is TeamKind.COMPANY:
        factories.make_member(factories.make_company(slug="arbosca", name="Arbosca"), owner)
    else:
        factories.make_owner(
            factories.make_project(slug="arbosca", title="Arbosca", country="KE"), owner
        )
    db.commit()
    return people.get_team(kind, "arbosca")


def add_member(team, user, role=MemberRole.OWNER):
    """Let somebody else work there, too."""
    if team.kind is TeamKind.COMPANY:
        factories.make_member(_Named(team.id), user, role=role)
    else:
        factories.make_owner(_Named(team.id), user, role=role)
    session.commit()


class _Named:
    def __init__(self, named_id):
        self.id = named_id


def available(team, source=Source.PLEDGE):
    """Return the account of a team's confirmed money."""
    if team.kind is TeamKind.COMPANY:
        return AccountKey(Purpose.COMPANY_AVAILABLE, team.id)
    return AccountKey(Purpose.PROJECT_AVAILABLE, team.id, source)


def give(team, minor, *, at=None, source=Source.PLEDGE, kind=Kind.RELEASE):
    """Confirm money for a team."""
    with atomic():
        book.post(
            kind=kind,
            effect_key=f"test:{new_id()}",
            currency="EUR",
            entries=[Entry(CLEARING, available(team, source), minor)],
            effective_at=at or clock.now(),
        )


def connect(team, provider_account_id=None, *, at=THEN):
    """Let a team have a verified account."""
    with atomic():
        return service.connect(
            payee_kind=PayeeKind(team.kind),
            payee_id=team.id,
            provider_account_id=provider_account_id or f"acct_{team.slug}",
            now=at,
        )


@pytest.fixture
def desk(team):
    return f"{DESKS[team.kind]}/arbosca"

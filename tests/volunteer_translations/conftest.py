"""An update in Italian, who answers for it, and a volunteer who reads French, too."""

import pytest

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.projects import queries as projects
from marketplace.projects import service as project_service
from marketplace.volunteer_translations import service
from marketplace.volunteer_translations.rules import Said
from tests import factories

WORDS = {"title": "Dix robinets", "body": "**Dix** robinets coulent."}


@pytest.fixture
def told(db):
    """Return an update of a project, and who told it."""
    project = factories.make_project(slug="sorgenti", title="Springs")
    owner = factories.make_owner(project, factories.make_user(name="Achieng"))
    person = db.get(User, owner.user_id)
    update = project_service.post_update(
        project=project,
        author=person,
        title="Dieci rubinetti",
        body="*Dieci* rubinetti.",
        language="it",
        now=factories.NOW,
    )
    db.commit()
    return project, update, person


@pytest.fixture
def volunteer(db, told):
    person = factories.make_user(name="Amélie Laurent", email="amelie@example.org")
    db.commit()
    return person


@pytest.fixture
def offer(told, volunteer):
    """Return a function that offers a translation and returns its id."""

    def act(by=volunteer, language="fr", is_own=False, **said):
        project, update, _person = told
        now = clock.now()
        with atomic():
            fresh = projects.get_update(project.id, update.id)
            draft = service.keep(
                update=fresh,
                language=language,
                said=Said(**WORDS | said),
                read_at=fresh.corrected_at or fresh.published_at,
                by=by,
                now=now,
            )
        with atomic():
            service.offer(draft_id=draft.id, is_own=is_own, by=by, now=now)
        return draft.id

    return act


@pytest.fixture
def publish(told, offer):
    """Return a function that offers a translation, publishes it and returns its id."""

    def act(**how):
        found = offer(**how)
        with atomic():
            service.publish(translation_id=found, by=told[2], now=clock.now())
        return found

    return act

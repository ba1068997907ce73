"""Answers from elsewhere wait: a project's people hear of it, once a day at most."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.federation import service
from marketplace.federation.jobs.notifying import tell_of_answers
from marketplace.federation.models import AnswerNotice, UpdateComment
from marketplace.federation.rules.decisions import Decision
from tests import factories
from tests.federation.rows import rows_of


@pytest.fixture
def owner(db, project):
    made = factories.make_user(locale="fr")
    factories.make_owner(project, made)
    db.commit()
    return made


@pytest.fixture
def letters(app, owner, run_jobs):
    """Return a function that looks whom to tell, and returns the letters to the owner so far."""
    app.extensions["post"].letters.clear()

    def look():
        tell_of_answers()
        run_jobs()
        return [one for one in app.extensions["post"].letters if one["To"] == owner.email]

    return look


def comes_again(db, **late):
    """Let the answer be one that came just now."""
    db.execute(sa.update(UpdateComment).values(received_at=clock.now() + timedelta(**late)))
    db.commit()


class TestLetter:
    def test_comes_once_in_the_language_of_the_owner(self, project, letters, db):
        rows_of(project)
        db.commit()
        assert len(letters()) == 1
        (letter,) = letters()
        assert "/fr/project-desk/riwa-springs/elsewhere" in letter.as_string()
        assert "Riwa" in letter["Subject"]

    def test_comes_at_most_once_a_day(self, project, letters, db):
        rows_of(project)
        db.commit()
        letters()
        comes_again(db, minutes=1)
        assert len(letters()) == 1
        db.execute(sa.update(AnswerNotice).values(told_at=clock.now() - timedelta(hours=25)))
        db.commit()
        assert len(letters()) == 2

    def test_does_not_come_where_nothing_waits(self, project, owner, letters, db):
        assert letters() == []
        made = rows_of(project)
        with atomic():
            service.decide(
                comment_id=made["comment"],
                project_id=project.id,
                how=Decision.SHOW,
                by=owner,
                now=clock.now(),
            )
        assert letters() == []

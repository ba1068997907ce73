"""Projects that tell nothing: a letter, then a pause that one update ends."""

from datetime import timedelta

import pytest

from marketplace.accounts.models import AuditEntry
from marketplace.core import clock
from marketplace.projects import queries, service
from marketplace.projects.jobs import remind_quiet_projects
from marketplace.projects.models import Project, ProjectState
from marketplace.projects.rules import PAUSE_AFTER, REMIND_AFTER
from tests import factories


@pytest.fixture
def owner(db):
    return factories.make_user()


@pytest.fixture
def project(db, owner):
    long_ago = clock.now() - REMIND_AFTER - timedelta(days=1)
    made = factories.make_project(title="Springs", verified_at=long_ago, created_at=long_ago)
    factories.make_owner(made, owner)
    db.commit()
    return made


@pytest.fixture
def letters(app, owner):
    def letters():
        return [
            one["Subject"] for one in app.extensions["post"].letters if one["To"] == owner.email
        ]

    return letters


def tell(project, owner, **more):
    return service.post_update(
        project=project, author=owner, title="-", body="-", now=clock.now(), **more
    )


def kept(db, project):
    db.expire_all()
    return db.get(Project, project.id)


class TestReminder:
    def test_comes_once_after_three_months(self, project, letters, run_jobs, db):
        for _day in range(2):
            remind_quiet_projects()
            run_jobs()
        assert letters() == ["What is new at Springs?"]
        assert kept(db, project).state is ProjectState.OPEN

    def test_is_forgotten_when_something_is_told(self, project, owner, letters, run_jobs, db):
        remind_quiet_projects()
        tell(project, owner)
        run_jobs()
        assert letters() == []
        assert kept(db, project).reminded_at is None
        assert queries.list_quiet(before=clock.now() - REMIND_AFTER) == []

    def test_is_not_for_the_new_nor_for_what_takes_no_money(self, project, db):
        project = kept(db, project)
        for column, value in (("verified_at", clock.now()), ("state", ProjectState.CLOSED)):
            before = getattr(project, column)
            setattr(project, column, value)
            db.flush()
            assert queries.list_quiet(before=clock.now() - REMIND_AFTER) == []
            setattr(project, column, before)
        db.flush()
        assert len(queries.list_quiet(before=clock.now() - REMIND_AFTER)) == 1


class TestPause:
    def test_comes_after_the_letter_and_everybody_sees_it(
        self, client, project, letters, run_jobs, db
    ):
        kept(db, project).reminded_at = clock.now() - PAUSE_AFTER - timedelta(hours=1)
        db.commit()
        remind_quiet_projects()
        run_jobs()
        assert kept(db, project).state is ProjectState.PAUSED
        assert letters() == ["Springs is paused"]
        assert "This project is paused" in client.get(f"/projects/{project.slug}").text
        assert "Paused" in client.get("/projects").text
        assert db.query(AuditEntry).filter_by(action="project.pause").one().actor_id is None

    def test_ends_with_an_update(self, project, owner, db):
        kept(db, project).state = ProjectState.PAUSED
        db.commit()
        tell(project, owner, is_setback=True)
        assert kept(db, project).state is ProjectState.OPEN

    def test_is_not_ended_by_what_a_suspended_project_tells(self, project, owner, db):
        kept(db, project).state = ProjectState.SUSPENDED
        db.commit()
        tell(project, owner)
        assert kept(db, project).state is ProjectState.SUSPENDED


class TestSetback:
    def test_stands_on_the_first_page(self, client, project, owner, db):
        service.post_update(
            project=project,
            author=owner,
            title="The wall cracked",
            body="-",
            is_setback=True,
            now=clock.now(),
        )
        db.commit()
        page = client.get(f"/projects/{project.slug}").text
        assert "What went wrong" in page
        assert page.count("The wall cracked") == 2

"""Letters to followers: many of them, and those who are gone by the time of the letter."""

import pytest

from marketplace.core.ids import new_id
from marketplace.projects import jobs, service
from tests import factories


@pytest.fixture
def told(db):
    """Return a project's update that three people follow."""
    project = factories.make_project()
    update = service.post_update(
        project=project, author=factories.make_user(), title="News", body="-", now=factories.NOW
    )
    people = [factories.make_user() for _ in range(3)]
    for person in people:
        service.follow(project_id=project.id, user_id=person.id, now=factories.NOW)
    db.commit()
    return project, update, people


class TestTellFollowers:
    def test_goes_on_where_it_left_off(self, app, told, run_jobs, monkeypatch):
        monkeypatch.setattr(jobs, "AT_ONCE", 2)
        app.extensions["post"].letters.clear()
        assert run_jobs().count("project_update_mails") == 2
        letters = app.extensions["post"].letters
        assert sorted(one["To"] for one in letters) == sorted(one.email for one in told[2])

    def test_has_nothing_to_tell_of_an_update_that_is_gone(self, app, told, run_jobs):
        run_jobs()
        app.extensions["post"].letters.clear()
        jobs.tell_followers(update_id=str(new_id()), after=None)
        jobs.tell_follower(update_id=str(new_id()), user_id=str(told[2][0].id))
        assert run_jobs() == []
        assert app.extensions["post"].letters == []


class TestTellFollower:
    def test_writes_to_nobody_who_stopped_following_meanwhile(self, app, db, told):
        project, update, (person, *_others) = told
        service.unfollow(project_id=project.id, user_id=person.id)
        db.commit()
        app.extensions["post"].letters.clear()
        jobs.tell_follower(update_id=str(update.id), user_id=str(person.id))
        assert app.extensions["post"].letters == []

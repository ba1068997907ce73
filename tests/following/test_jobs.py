"""Letters to followers: at once or one a day, each thing once, however often a job is killed."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock, mail
from marketplace.core.ids import new_id
from marketplace.following import jobs, queries, service
from marketplace.following.models import Digest
from marketplace.following.rules import Frequency, Kind
from marketplace.projects import service as projects
from tests import factories
from tests.factories import NOW

MONDAY = datetime(2026, 3, 2, 7, tzinfo=NOW.tzinfo)


@pytest.fixture
def letters(app):
    found = app.extensions["post"].letters
    found.clear()
    return found


@pytest.fixture
def project(db):
    return factories.make_project(title="Springs")


@pytest.fixture
def owner(project):
    person = factories.make_user(name="Achieng")
    factories.make_owner(project, person)
    return person


@pytest.fixture
def at(monkeypatch):
    def set_clock(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_clock


def tell(project, author, title="It runs", now=NOW):
    return projects.post_update(project=project, author=author, title=title, body="-", now=now)


def follow(project, frequency=Frequency.AT_ONCE, now=NOW, **person):
    user = factories.make_user(**person)
    service.follow(
        kind=Kind.PROJECT, thing_id=project.id, user_id=user.id, frequency=frequency, now=now
    )
    return user


class TestTellNews:
    def test_goes_on_where_it_left_off(self, db, letters, project, owner, run_jobs, monkeypatch):
        people = [follow(project) for _ in range(3)]
        tell(project, owner)
        db.commit()
        monkeypatch.setattr(jobs, "AT_ONCE", 2)
        assert run_jobs().count("tell_news") == 2
        assert sorted(one["To"] for one in letters) == sorted(one.email for one in people)

    def test_leaves_out_who_told_it_and_who_wants_it_later(
        self, db, letters, project, owner, run_jobs
    ):
        service.follow(kind=Kind.PROJECT, thing_id=project.id, user_id=owner.id, now=NOW)
        follow(project, Frequency.WEEKLY)
        follow(project, Frequency.NEVER)
        follow(project, email_confirmed_at=None)
        tell(project, owner)
        db.commit()
        run_jobs()
        assert letters == []

    def test_tells_nothing_of_what_is_gone(self, db, letters, project):
        person = follow(project)
        db.commit()
        jobs.tell_news(news_id=str(new_id()), after=None)
        jobs.news_mail(news_id=str(new_id()), user_id=str(person.id))
        assert letters == []


class TestNewsMail:
    def test_comes_once_though_one_follows_project_and_person(
        self, db, letters, project, owner, run_jobs
    ):
        person = follow(project)
        service.follow(kind=Kind.PERSON, thing_id=owner.id, user_id=person.id, now=NOW)
        tell(project, owner)
        db.commit()
        run_jobs()
        news = queries.list_news().rows[0]
        jobs.news_mail(news_id=str(news.id), user_id=str(person.id))
        assert len(letters) == 1

    def test_writes_to_nobody_who_stopped_meanwhile(self, db, letters, project, owner):
        person = follow(project)
        tell(project, owner)
        service.stop(kind=Kind.PROJECT, thing_id=project.id, user_id=person.id)
        db.commit()
        news = queries.list_news().rows[0]
        jobs.news_mail(news_id=str(news.id), user_id=str(person.id))
        assert letters == []

    def test_is_tried_again_where_the_post_failed(
        self, db, app, letters, project, owner, monkeypatch
    ):
        person = follow(project)
        tell(project, owner)
        db.commit()
        news = {"news_id": str(queries.list_news().rows[0].id), "user_id": str(person.id)}
        with monkeypatch.context() as broken:
            broken.setattr(mail.Memory, "deliver", lambda *_: (_ for _ in ()).throw(OSError))
            with pytest.raises(OSError):
                jobs.news_mail(**news)
        jobs.news_mail(**news)
        jobs.news_mail(**news)
        assert len(letters) == 1


class TestDigests:
    def test_tell_all_of_a_day_in_one_letter_and_each_thing_once(
        self, db, letters, project, owner, run_jobs, at
    ):
        person = follow(project, Frequency.DAILY, now=MONDAY - timedelta(days=2), locale="fr")
        tell(project, owner, "First", MONDAY - timedelta(hours=9))
        tell(project, owner, "Second", MONDAY - timedelta(hours=8))
        tell(project, owner, "After six", MONDAY - timedelta(minutes=30))
        db.commit()
        at(MONDAY)
        for _hour in range(2):
            jobs.make_digests()
            run_jobs()
        assert [one["To"] for one in letters] == [person.email]
        text = letters[0].get_body(("plain",)).get_content()
        assert text.index("Second") < text.index("First")
        assert "After six" not in text
        assert letters[0]["List-Id"] == "<digest.localhost>"
        at(MONDAY + timedelta(days=1))
        jobs.make_digests()
        run_jobs()
        assert len(letters) == 2
        assert "After six" in letters[1].get_body(("plain",)).get_content()

    def test_send_nothing_where_there_is_nothing(self, db, letters, project, run_jobs, at):
        follow(project, Frequency.DAILY)
        db.commit()
        at(MONDAY)
        jobs.make_digests()
        assert run_jobs() == []
        assert db.scalar(sa.select(sa.func.count()).select_from(Digest)) == 0

    def test_wait_for_the_morning(self, db, letters, project, owner, run_jobs, at):
        follow(project, Frequency.DAILY, now=MONDAY - timedelta(days=2))
        tell(project, owner, now=MONDAY - timedelta(hours=9))
        db.commit()
        run_jobs()
        at(MONDAY.replace(hour=5))
        jobs.make_digests()
        assert run_jobs() == []

    def test_come_on_mondays_where_one_a_week_is_wanted(
        self, db, letters, project, owner, run_jobs, at
    ):
        follow(project, Frequency.WEEKLY, now=MONDAY - timedelta(days=9))
        tell(project, owner, now=MONDAY - timedelta(days=4))
        db.commit()
        run_jobs()
        at(MONDAY - timedelta(days=1))
        jobs.make_digests()
        assert run_jobs() == []
        at(MONDAY)
        jobs.make_digests()
        run_jobs()
        assert len(letters) == 1

    def test_are_the_same_letter_however_often_the_job_is_killed(
        self, db, letters, project, owner, at, monkeypatch
    ):
        person = follow(project, Frequency.DAILY, now=MONDAY - timedelta(days=2))
        tell(project, owner, "First", MONDAY - timedelta(hours=9))
        db.commit()
        at(MONDAY)
        arguments = {"user_id": str(person.id), "day": MONDAY.date().isoformat()}
        for place in ("put_in_words", "mail.send", "service.end_digest"):
            with monkeypatch.context() as broken:
                broken.setattr(
                    f"marketplace.following.jobs.{place}",
                    lambda *_args, **_named: (_ for _ in ()).throw(SystemExit),
                )
                with pytest.raises(SystemExit):
                    jobs.digest_mail(**arguments)
        jobs.digest_mail(**arguments)
        jobs.digest_mail(**arguments)
        # The one that was killed after the post took it was sent again: it is the same letter.
        assert len({one["Message-ID"] for one in letters}) == 1
        assert len(letters) == 2

    def test_do_not_come_where_all_was_stopped_meanwhile(
        self, db, letters, project, owner, run_jobs, at
    ):
        person = follow(project, Frequency.DAILY, now=MONDAY - timedelta(days=2))
        tell(project, owner, "First", MONDAY - timedelta(hours=9))
        db.commit()
        at(MONDAY)
        jobs.make_digests()
        service.stop_everything(user_id=person.id)
        db.commit()
        run_jobs()
        assert letters == []

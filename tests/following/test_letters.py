"""Letters with a picture, over a real mail server: one for every reader, and no need of it."""

import re
from datetime import datetime, timedelta

import pytest

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.corrections import service as corrections
from marketplace.following import jobs, service
from marketplace.following.rules import Frequency, Kind
from marketplace.media.service import store_photo
from marketplace.projects import service as projects
from marketplace.projects.models import ProjectUpdatePhoto
from tests import factories
from tests.core.test_letters import read
from tests.corrections.test_corrections import picture

IMAGES = re.compile('<img(?:[^>"]|"[^"]*")*>')
MONDAY = datetime(2026, 3, 2, 7, tzinfo=factories.NOW.tzinfo)
BEFORE = MONDAY - timedelta(hours=9)


@pytest.fixture
def project(db):
    return factories.make_project(slug="springs", title="Springs")


@pytest.fixture
def owner(project):
    person = factories.make_user(name="Achieng")
    factories.make_owner(project, person)
    return person


@pytest.fixture
def told(db, project, owner):
    """Return a function that tells something, with two photos or without."""

    def act(title="It runs", alt="A <tap>, and water", now=BEFORE, photos=2):
        update = projects.post_update(
            project=project, author=owner, title=title, body="Ten taps.", now=now
        )
        for place in range(photos):
            photo = store_photo(upload=picture("teal"), alt=alt, user_id=None, now=now)
            row = ProjectUpdatePhoto(update_id=update.id, photo_id=photo.id, position=place)
            db.add(row)
        db.commit()
        return update

    return act


@pytest.fixture
def follow(db, project):
    def act(frequency=Frequency.AT_ONCE, **person):
        user = factories.make_user(**person)
        service.follow(
            kind=Kind.PROJECT, thing_id=project.id, user_id=user.id, frequency=frequency,
            now=MONDAY - timedelta(days=2),
        )  # fmt: skip
        db.commit()
        return user

    return act


def morning(monkeypatch, run_jobs):
    """Let the next morning come, with its letters."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    jobs.make_digests()
    run_jobs()


class TestPicture:
    def test_is_the_same_for_every_reader_and_opens(
        self, client, told, follow, run_jobs, over_smtp
    ):  # fmt: skip
        readers = [follow(), follow(), follow(locale="fr")]
        told()
        run_jobs()
        letters = read(over_smtp)
        assert len(letters) == len(readers)
        found = {tuple(IMAGES.findall(page)) for *_rest, page in letters}
        ((only,),) = found
        source = re.search('src="http://localhost(/media/[0-9a-f]{32}-[0-9]+[.]jpg)"', only)
        assert client.get(source[1]).content_type == "image/jpeg"
        assert 'alt="A <tap>, and water"' in only  # as HTML may write it between quotes
        assert re.search('width="[0-9]+" height="[0-9]+"', only)

    def test_is_not_needed(self, told, follow, run_jobs, over_smtp):
        follow()
        told()
        run_jobs()
        ((_to, _subject, text, page),) = read(over_smtp)
        assert "Ten taps." in text
        assert "Picture: A <tap>, and water" in text
        assert "/media/" not in text
        assert "Ten taps." in IMAGES.sub("", page)

    def test_says_at_least_of_what_it_is(self, told, follow, run_jobs, over_smtp):
        follow()
        told(alt="")
        run_jobs()
        assert 'alt="Picture: It runs"' in read(over_smtp)[0][3]

    @pytest.mark.parametrize("photos", [0, 1])
    def test_is_there_where_there_is_a_photo(
        self, told, follow, run_jobs, over_smtp, photos
    ):  # fmt: skip
        follow()
        told(photos=photos)
        run_jobs()
        ((_to, _subject, text, page),) = read(over_smtp)
        assert len(IMAGES.findall(page)) == photos
        assert ("Picture: " in text) is bool(photos)

    def test_stands_in_the_letter_of_a_day_once_for_each_thing(
        self, told, follow, run_jobs, over_smtp, monkeypatch
    ):  # fmt: skip
        follow(Frequency.DAILY)
        for number in range(3):
            told(f"Tap {number}", photos=number)
        run_jobs()
        morning(monkeypatch, run_jobs)
        ((_to, _subject, _text, page),) = read(over_smtp)
        assert [one in page for one in ("Tap 0", "Tap 1", "Tap 2")] == [True] * 3
        assert len(IMAGES.findall(page)) == 2

    def test_goes_with_what_was_taken_back(
        self, project, owner, told, follow, run_jobs, over_smtp, monkeypatch
    ):  # fmt: skip
        follow(Frequency.DAILY)
        update = told()
        with atomic():
            corrections.take_back(
                project_id=project.id, update_id=update.id, reason="Not ours", by=owner,
                now=BEFORE + timedelta(hours=1),
            )  # fmt: skip
        run_jobs()
        morning(monkeypatch, run_jobs)
        (*_rest, page) = read(over_smtp)[0]
        assert "Not ours" in page
        assert IMAGES.findall(page) == []

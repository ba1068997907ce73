"""Following, and what is written down when something is told."""

import pytest
import sqlalchemy as sa

from marketplace.core.errors import Conflict
from marketplace.corrections import service as corrections
from marketplace.following import queries, service
from marketplace.following.models import Follow, News
from marketplace.following.queries import Scope
from marketplace.following.rules import Frequency, Kind, NewsKind
from marketplace.following.service import put_in_words
from marketplace.projects import service as projects
from tests import factories
from tests.factories import NOW


@pytest.fixture
def reader(db):
    return factories.make_user(name="Zoé")


@pytest.fixture
def project(db):
    return factories.make_project(title="Springs")


@pytest.fixture
def owner(project):
    person = factories.make_user(name="Achieng")
    factories.make_owner(project, person)
    return person


def tell(project, author, title="It runs", now=NOW):
    return projects.post_update(
        project=project, author=author, title=title, body="**Water**", now=now
    )


def titles(page):
    return [put_in_words(one, "en").title for one in page.rows]


class TestFollow:
    def test_twice_is_once(self, project, reader):
        for _time in range(2):
            service.follow(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id, now=NOW)
        assert queries.count_followers(Kind.PROJECT, project.id) == 1
        service.unfollow(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id)
        assert queries.count_followers(Kind.PROJECT, project.id) == 0

    def test_is_of_others(self, reader):
        with pytest.raises(Conflict):
            service.follow(kind=Kind.PERSON, thing_id=reader.id, user_id=reader.id, now=NOW)

    def test_is_of_one_thing(self, db, project, reader):
        company = factories.make_company()
        db.add(
            Follow(
                user_id=reader.id,
                project_id=project.id,
                company_id=company.id,
                created_at=NOW,
                since_at=NOW,
            )
        )
        with pytest.raises(sa.exc.IntegrityError, match="is_of_one_thing"):
            db.flush()


class TestChoose:
    def test_tells_only_what_happens_from_now_on_where_no_letters_came(self, db, project, reader):
        service.follow(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id, now=NOW)
        row = queries.find_follow(reader.id, Kind.PROJECT, project.id)
        service.stop(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id)
        db.refresh(row)
        assert row.frequency is Frequency.NEVER
        later = NOW.replace(year=NOW.year + 1)
        service.choose(user_id=reader.id, wanted={row.id: Frequency.DAILY}, now=later)
        assert (row.frequency, row.since_at) == (Frequency.DAILY, later)

    def test_leaves_what_others_chose(self, db, project, reader):
        service.follow(kind=Kind.PROJECT, thing_id=project.id, user_id=reader.id, now=NOW)
        row = queries.find_follow(reader.id, Kind.PROJECT, project.id)
        other = factories.make_user()
        service.choose(user_id=other.id, wanted={row.id: Frequency.NEVER}, now=NOW)
        assert row.frequency is Frequency.AT_ONCE


class TestTell:
    def test_is_heard_of_the_project_and_of_who_told_it_each_once(self, project, owner, reader):
        for kind, thing in ((Kind.PROJECT, project.id), (Kind.PERSON, owner.id)):
            service.follow(kind=kind, thing_id=thing, user_id=reader.id, now=NOW)
        tell(project, owner)
        assert titles(queries.list_followed_news(reader.id)) == ["It runs"]
        assert titles(queries.list_news(Scope(Kind.PERSON, owner.id))) == ["It runs"]
        assert titles(queries.list_news()) == ["It runs"]

    def test_of_the_same_thing_twice_is_once(self, db, project, owner):
        update = tell(project, owner)
        service.tell(
            kind=NewsKind.UPDATE,
            subject_id=update.id,
            project_id=project.id,
            person_id=owner.id,
            at=NOW,
        )
        assert db.scalar(sa.select(sa.func.count()).select_from(News)) == 1

    def test_is_not_seen_while_the_project_is_proposed(self, db, owner, project):
        tell(project, owner)
        project.state = "proposed"
        db.flush()
        assert titles(queries.list_news()) == []

    def test_reads_as_it_was_corrected_everywhere(self, project, owner):
        update = tell(project, owner)
        corrections.correct(
            project_id=project.id,
            update_id=update.id,
            title="It drips",
            body="A little",
            reason="We hoped",
            by=owner,
            now=NOW,
        )
        first, second = (put_in_words(one, "en") for one in queries.list_news().rows)
        assert {first.label, second.label} == {"Update", "Correction"}
        assert {first.title, second.title} == {"It drips"}
        corrected = first if first.label == "Correction" else second
        assert "We hoped" in corrected.html
        assert "Water" not in first.html + second.html

    def test_of_what_was_taken_back_says_only_that(self, project, owner):
        update = tell(project, owner)
        corrections.take_back(
            project_id=project.id, update_id=update.id, reason="Not ours", by=owner, now=NOW
        )
        told = [put_in_words(one, "en") for one in queries.list_news().rows]
        assert sorted(one.label for one in told) == ["Taken back", "Update"]
        assert not any("Water" in one.html for one in told)

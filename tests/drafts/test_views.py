"""Writing on the desk: kept whatever is wrong, seen before it is out, out at its time once."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.drafts import queries, service
from marketplace.drafts.jobs import publish_draft
from marketplace.drafts.models import UpdateDraft
from marketplace.media.models import Document, Photo
from marketplace.planning.models import Milestone
from marketplace.projects import queries as projects
from marketplace.projects.models import ProjectOwner, ProjectUpdate, Spending
from tests import factories
from tests.drafts.conftest import PDF, picture

DESK = "/project-desk/springs"


@pytest.fixture
def post(client, project, owner, sign_in):
    """Return a function that sends the form."""
    sign_in(client, owner)

    def send(path=DESK, **said):
        return client.post(path, data={"title": "News", "body": "It *rains*."} | said)

    return send


@pytest.fixture
def kept(db):
    """Return a function that returns the one draft, with all that belongs to it."""

    def find():
        ids = db.scalars(sa.select(UpdateDraft.id)).all()
        assert len(ids) == 1
        return queries.find_draft(ids[0])

    return find


def told(project):
    return projects.list_updates(project.id).rows


def path_of(draft, end=""):
    return f"{DESK}/drafts/{draft.id}{end}"


class TestDraft:
    def test_keeps_everything_and_is_seen_by_nobody_else(self, post, client, project, kept):
        answer = post(
            how="keep",
            is_setback="1",
            language="fr",
            photos=[(picture(), "a.png"), (picture("#000"), "b.png")],
            alts=["A spring", ""],
            captions=["In March", ""],
            papers=[(BytesIO(PDF), "Plan of 2026.pdf")],
            amount="12.00",
            receipt=(picture(), "r.png"),
        )
        draft = kept()
        assert answer.headers["Location"].endswith(path_of(draft))
        assert told(project) == []
        page = client.get(path_of(draft)).text
        assert "<em>rains</em>" in page
        assert "In March" in page
        assert "Plan of 2026" in page
        assert (draft.language, draft.is_setback, draft.spent["amount"]) == ("fr", True, "12.00")
        assert [photo.alt for photo in draft.photos] == ["A spring", ""]
        assert "News" in client.get(f"{DESK}/drafts").text
        assert client.get("/projects/springs/updates").text.count("rains") == 0

    def test_loses_nothing_when_something_is_wrong(self, post, client, project, kept):
        answer = post(
            title="x" * 201,
            photos=[(picture(), "b.png"), (BytesIO(b"no picture"), "a.png")],
            alts=["A spring", "A well"],
            captions=["", "Dug in May"],
            is_setback="1",
        )
        assert answer.status_code == 422
        draft = kept()
        assert draft.title == "x" * 201
        assert [photo.alt for photo in draft.photos] == ["A spring"]
        alts = re.findall(r'name="alts" maxlength="300" value="([^"]*)"', answer.text)
        assert alts == ["A well", *[""] * (len(alts) - 1)]
        assert 'name="captions" maxlength="300" value="Dug in May"' in answer.text
        assert re.search(r'name="is_setback" value="1" checked', answer.text)
        assert "not a picture" in answer.text
        assert "kept as this draft" in answer.text
        assert told(project) == []

    def test_is_not_made_of_nothing(self, post, db):
        assert post(title="", body="").status_code == 422
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateDraft)) == 0

    def test_goes_on_and_comes_out(self, post, client, project, kept, db):
        step = Milestone(project_id=project.id, title="First tap", position=0)
        db.add(step)
        db.commit()
        post(
            how="keep",
            photos=[(picture(), "a.png"), (picture("#000"), "b.png")],
            papers=[(BytesIO(PDF), "a.pdf"), (BytesIO(PDF), "b.pdf")],
        )
        draft = kept()
        first, second = draft.photos
        answer = post(
            path_of(draft),
            how="publish",
            title="Better",
            kept=[str(first.id), str(second.id)],
            kept_alts=["gone", "The tap"],
            kept_captions=["", "On Monday"],
            removed=[str(first.id), str(draft.papers[0].document_id)],
            milestone=str(step.id),
        )
        (update,) = told(project)
        assert answer.headers["Location"].endswith(f"/updates/{update.id}")
        assert update.title == "Better"
        assert [(one.alt, one.caption) for one in update.photos] == [("The tap", "On Monday")]
        page = client.get(answer.headers["Location"]).text
        assert "On Monday" in page
        assert re.search(r"/papers/[0-9a-f]{32}\.pdf", page)
        assert db.scalars(sa.select(Milestone.update_id)).all() == [update.id]
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateDraft)) == 0
        assert db.scalar(sa.select(sa.func.count()).select_from(Photo)) == 1
        assert db.scalar(sa.select(sa.func.count()).select_from(Document)) == 1

    def test_tells_of_money_when_it_comes_out(self, post, project, kept, db):
        money = {"amount": "686.00", "spent_on": "2026-03-01", "payee": "Shop", "purpose": "Cement"}
        post(how="keep", receipt=(picture(), "r.png"), **money)
        assert db.scalar(sa.select(sa.func.count()).select_from(Spending)) == 0
        post(path_of(kept()), **money)
        spent = db.scalars(sa.select(Spending)).one()
        assert (spent.amount_minor, spent.update_id) == (68_600, told(project)[0].id)

    def test_is_discarded_with_its_photos(self, post, client, kept, db):
        post(how="keep", photos=[(picture(), "a.png")], receipt=(picture(), "r.png"))
        draft = kept()
        assert client.post(path_of(draft, "/discard")).status_code == 303
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateDraft)) == 0
        assert db.scalar(sa.select(sa.func.count()).select_from(Photo)) == 0
        assert client.get(path_of(draft)).status_code == 404

    def test_is_its_projects_people_s_alone(self, post, client, kept, sign_in, db):
        post(how="keep")
        draft = kept()
        other = factories.make_project(slug="other")
        stranger = factories.make_user()
        factories.make_owner(other, stranger)
        db.commit()
        sign_in(client, stranger)
        for end in ("", "/discard", "/stop"):
            assert client.post(path_of(draft, end)).status_code == 404
            foreign = f"/project-desk/other/drafts/{draft.id}{end}"
            assert client.post(foreign, data={"title": "x", "body": "y"}).status_code == 404
        assert client.get(path_of(draft)).status_code == 404
        assert queries.find_draft(draft.id) is not None

    def test_shows_nothing_of_another_project(self, post, client, project, db):
        other = factories.make_project()
        step = Milestone(project_id=other.id, title="Theirs", position=0)
        db.add(step)
        db.commit()
        assert post(how="keep", milestone=str(step.id)).status_code == 422
        assert post(how="keep", milestone="the first").status_code == 422

    def test_has_bounds(self, post, project, owner, db):
        for _place in range(50):
            service.keep(project=project, by=owner, said=service.Said(), now=clock.now())
        db.commit()
        answer = post(how="keep")
        assert answer.status_code == 422
        assert "50 drafts" in answer.text
        assert "It *rains*." in answer.text


class TestSchedule:
    @pytest.fixture
    def draft(self, post, kept):
        day = (clock.now() + timedelta(days=3)).date().isoformat()
        answer = post(how="keep")
        path = answer.headers["Location"]
        said = {"day": day, "hour": "09:00", "zone": "Africa/Nairobi"}
        assert post(path, how="schedule", **said).status_code == 303
        return kept()

    def test_says_when_and_where(self, draft, client):
        assert draft.publish_at.astimezone(UTC).hour == 6
        page = client.get(path_of(draft)).text
        assert "09:00, Africa/Nairobi time (UTC+03:00)" in page
        assert "09:00" in client.get(f"{DESK}/drafts").text

    def test_lets_it_come_out_once(self, draft, project, owner, run_jobs, letters, db):
        at = draft.publish_at.isoformat()
        for _time in range(2):
            publish_draft(draft_id=str(draft.id), at=at)
        assert len(told(project)) == 1
        done = run_jobs()
        assert {"tell_news", "federate_update", "update_out_mail"} <= set(done)
        (letter,) = letters(owner.email)
        assert "Your update is out: News" in letter["Subject"]
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateDraft)) == 0

    def test_can_be_changed_and_stopped(self, draft, post, client, project, kept):
        first = draft.publish_at.isoformat()
        later = (clock.now() + timedelta(days=5)).date().isoformat()
        post(path_of(draft), how="schedule", day=later, hour="10:00", zone="UTC")
        publish_draft(draft_id=str(draft.id), at=first)
        assert told(project) == []
        second = kept().publish_at.isoformat()
        client.post(path_of(draft, "/stop"))
        publish_draft(draft_id=str(draft.id), at=second)
        assert told(project) == []
        assert kept().publish_at is None

    def test_stays_a_draft_when_its_writer_is_gone(
        self, draft, project, owner, kept, run_jobs, letters, db
    ):
        db.execute(sa.delete(ProjectOwner).where(ProjectOwner.user_id == owner.id))
        db.commit()
        publish_draft(draft_id=str(draft.id), at=draft.publish_at.isoformat())
        assert told(project) == []
        assert "does not answer" in kept().problem
        run_jobs()
        assert "did not come out" in letters(owner.email)[0]["Subject"]

    @pytest.mark.parametrize(
        "said", [{"day": "2020-01-01"}, {"day": ""}, {"zone": "Nowhere"}, {"body": ""}]
    )
    def test_is_refused_and_keeps_the_words(self, post, kept, said):
        day = (clock.now() + timedelta(days=3)).date().isoformat()
        path = post(how="keep").headers["Location"]
        whole = {"day": day, "hour": "09:00", "zone": "UTC", "how": "schedule"} | said
        assert post(path, **whole).status_code == 422
        assert kept().publish_at is None
        assert kept().title == "News"

    def test_is_in_the_database_with_the_job(self, draft, db):
        found = db.execute(
            sa.text("select scheduled_at from procrastinate_jobs where task_name = 'publish_draft'")
        ).scalars()
        assert draft.publish_at in list(found)
        assert isinstance(draft.publish_at, datetime)


class TestUpdate:
    def test_says_its_language(self, post, project, db):
        post(language="it")
        assert db.scalars(sa.select(ProjectUpdate.language)).all() == ["it"]

    def test_cannot_come_out_of_a_foreign_hand(self, client, project, sign_in, owner, post, kept):
        post(how="keep")
        draft = kept()
        with atomic():
            held = queries.lock_draft(project.id, draft.id)
            assert held.author_id == owner.id

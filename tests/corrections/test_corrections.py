"""What was told is corrected in the open, or taken back, by those who told it."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from marketplace.accounts.models import AuditEntry, User
from marketplace.core import clock
from marketplace.corrections import queries, service
from marketplace.corrections.models import UpdateVersion
from marketplace.federation import service as federation
from marketplace.federation.jobs.delivering import federate_update
from marketplace.federation.models import OutgoingActivity, RemoteFollow
from marketplace.federation.rules.reading import Person
from marketplace.media import storage
from marketplace.media.models import Photo
from marketplace.media.service import file_name, store_photo
from marketplace.projects import service as projects
from marketplace.projects.models import (
    Project,
    ProjectState,
    ProjectUpdate,
    ProjectUpdatePhoto,
)
from tests import factories

AP = {"Accept": "application/activity+json"}


@pytest.fixture
def told(db):
    """Return an update of a project, and who told it."""
    project = factories.make_project(slug="riwa-springs", title="Springs")
    owner = factories.make_owner(project, factories.make_user(name="Achieng"))
    person = db.get(User, owner.user_id)
    update = projects.post_update(
        project=project, author=person, title="Ten taps", body="**Ten** taps.", now=factories.NOW
    )
    db.commit()
    return project, update, person


@pytest.fixture
def owner(client, told):
    """Return a browser of who told it."""
    factories.sign_in(client, told[2])
    return client


def picture(tint: str) -> io.BytesIO:
    """Return a picture of one colour."""
    target = io.BytesIO()
    Image.new("RGB", (400, 300), tint).save(target, "PNG")
    target.seek(0)
    return target


def desk_of(update) -> str:
    return f"/project-desk/riwa-springs/updates/{update.id}"


def page_of(update) -> str:
    return f"/projects/riwa-springs/updates/{update.id}"


RIGHT = {"title": "Nine taps", "body": "Nine taps.", "reason": "We counted again"}


class TestCorrect:
    def test_lets_it_read_otherwise_and_shows_what_it_said(self, db, app, owner, told):
        _project, update, _person = told
        assert "Ten taps" in owner.get(desk_of(update)).text
        assert "Correct it" in owner.get(page_of(update)).text
        assert owner.post(desk_of(update), data=RIGHT).status_code == 303
        page = app.test_client().get(page_of(update)).text
        assert "<p>Nine taps.</p>" in page
        assert "We counted again" in page
        assert "Correct it" not in page
        before = app.test_client().get(f"{page_of(update)}/versions").text
        assert "<strong>Ten</strong> taps." in before
        assert "changed by Achieng: We counted again" in before
        assert "update.correct" in db.scalars(sa.select(AuditEntry.action)).all()

    def test_is_told_in_the_feed(self, app, owner, told):
        _project, update, _person = told
        owner.post(desk_of(update), data=RIGHT)
        feed = app.test_client().get("/projects/riwa-springs/updates.atom").text
        assert "Nine taps" in feed
        moment = queries.list_versions(update.id)[0].replaced_at.isoformat()
        assert feed.count(f"<updated>{moment}</updated>") == 2
        told = app.test_client().get("/projects/riwa-springs/updates.json").json
        assert told["items"][0]["date_modified"] == moment

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": ""},
            {"body": ""},
            {"reason": ""},
            {"title": "x" * 201},
            {"title": "Ten taps", "body": "**Ten** taps."},
        ],
    )
    def test_asks_again_for_what_is_missing(self, db, owner, told, changed):
        answer = owner.post(desk_of(told[1]), data=RIGHT | changed)
        assert answer.status_code == 422
        assert (RIGHT | changed)["reason"] in answer.text
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateVersion)) == 0

    def test_is_for_their_own_only(self, client, told):
        other = factories.make_project()
        person = factories.make_user()
        factories.make_owner(other, person)
        factories.sign_in(client, person)
        update = told[1]
        for path in (desk_of(update), f"/project-desk/{other.slug}/updates/{update.id}"):
            assert client.get(path).status_code == 404
            assert client.post(path, data=RIGHT).status_code == 404
            assert client.post(f"{path}/take-back", data={"why": "x"}).status_code == 404

    def test_leaves_marks_that_nobody_takes_away(self, db, told):
        project, update, person = told
        service.correct(
            project_id=project.id, update_id=update.id, by=person, now=clock.now(), **RIGHT
        )
        for statement in (sa.update(UpdateVersion).values(body=""), sa.delete(UpdateVersion)):
            with pytest.raises(sa.exc.DBAPIError), db.begin_nested():
                db.execute(statement)


class TestTakeBack:
    def test_takes_text_and_photos_away_for_good(self, db, app, owner, told):
        _project, update, _person = told
        owner.post(desk_of(update), data=RIGHT)
        answer = owner.post(f"{desk_of(update)}/take-back", data={"why": "It shows a child"})
        assert answer.status_code == 303
        visitor = app.test_client()
        page = visitor.get(page_of(update)).text
        assert "Taken back on" in page
        assert "It shows a child" in page
        assert "Nine taps." not in page
        assert visitor.get(f"{page_of(update)}/versions").status_code == 409
        for path in ("updates.atom", "updates"):
            assert "Nine taps." not in visitor.get(f"/projects/riwa-springs/{path}").text
        assert "taken back already" in owner.get(desk_of(update)).text
        assert owner.post(desk_of(update), data=RIGHT).status_code == 409
        again = owner.post(f"{desk_of(update)}/take-back", data={"why": "x"})
        assert again.status_code == 409

    def test_leaves_its_photos_to_nobody(self, db, app, owner, told):
        """Fails if a photo stays at its address; that it was there stays on file."""
        _project, update, _person = told
        photo, kept = (
            store_photo(upload=picture(tint), alt="", user_id=None, now=clock.now())
            for tint in ("teal", "tan")
        )
        db.add_all(
            ProjectUpdatePhoto(update_id=update.id, photo_id=one.id, position=place)
            for place, one in enumerate((photo, kept))
        )
        db.get(Project, update.project_id).photo_id = kept.id
        db.commit()
        at = f"/media/{photo.key}-320.webp"
        visitor = app.test_client()
        assert visitor.get(at).status_code == 200
        owner.post(f"{desk_of(update)}/take-back", data={"why": "It shows a child"})
        assert visitor.get(at).status_code == 404
        assert visitor.get(f"/media/{kept.key}-320.webp").status_code == 200
        assert storage.find(file_name(photo.key, 320))
        assert db.get(Photo, photo.id, populate_existing=True).withheld_at is not None

    def test_asks_why(self, db, owner, told):
        assert owner.post(f"{desk_of(told[1])}/take-back", data={"why": " "}).status_code == 422
        assert db.get(ProjectUpdate, told[1].id).taken_back_at is None


class TestVersions:
    def test_are_not_there_where_nothing_changed(self, client, told):
        assert client.get(f"{page_of(told[1])}/versions").status_code == 404

    def test_of_a_project_that_waits_are_nobodys_business(self, db, client, told):
        project, update, person = told
        service.correct(
            project_id=project.id, update_id=update.id, by=person, now=clock.now(), **RIGHT
        )
        project.state = ProjectState.PROPOSED
        db.commit()
        assert client.get(f"{page_of(update)}/versions").status_code == 404


class TestOtherServers:
    def test_hear_of_both(self, db, client, owner, told):
        project, update, _person = told
        actor = federation.keep_actor(
            person=Person("https://a.example.org/u", "u", "", "https://a.example.org/u",
                          "https://a.example.org/u/inbox", "", {}),
            now=clock.now(),
        )  # fmt: skip
        db.add(
            RemoteFollow(
                project_id=project.id, actor_id=actor.id, follow_uri="x", created_at=clock.now()
            )
        )
        db.commit()

        def heard() -> list[str]:
            run_federate(db)
            kinds = sa.select(OutgoingActivity.kind).order_by(OutgoingActivity.id)
            return list(db.scalars(kinds))

        assert heard() == ["Create"]
        owner.post(desk_of(update), data=RIGHT)
        assert heard() == ["Create", "Update"]
        said = client.get(f"/federation/updates/{update.id}", headers=AP).json
        assert "Nine taps." in said["content"]
        assert said["updated"] > said["published"]
        owner.post(f"{desk_of(update)}/take-back", data={"why": "x"})
        assert heard() == ["Create", "Update", "Delete"]
        for path in (f"/federation/updates/{update.id}", page_of(update)):
            gone = client.get(path, headers=AP)
            assert (gone.status_code, gone.json["type"]) == (410, "Tombstone")


def run_federate(db) -> None:
    """Do what is enqueued, but for what would really leave."""
    rows = db.execute(
        sa.text("select args from procrastinate_jobs where task_name = 'federate_update'")
    ).all()
    db.execute(sa.text("delete from procrastinate_jobs"))
    db.commit()
    for (arguments,) in rows:
        federate_update(**arguments)
    db.execute(sa.text("delete from procrastinate_jobs"))
    db.commit()

"""What owners and operators see and decide."""

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import AuditEntry, User
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.federation import queries
from marketplace.federation.models import (
    CommentState,
    Delivery,
    DeliveryState,
    FederationBlock,
    OutgoingActivity,
    RemoteFollow,
    RemoteReport,
    UpdateComment,
)
from marketplace.projects.models import ProjectOwner
from tests import factories
from tests.federation.remote import Remote


@pytest.fixture
def comment(db, ada, update):
    """Return ada's comment, which waits."""
    made = UpdateComment(
        id=new_id(),
        update_id=update.id,
        project_id=update.project_id,
        actor_id=ada.id,
        uri="https://social.example.org/posts/1",
        url="https://social.example.org/@ada/1",
        html="<p>Well done!</p>",
        state=CommentState.WAITING,
        published_at=factories.NOW,
        received_at=factories.NOW,
    )
    db.add(made)
    db.add(
        RemoteFollow(
            project_id=update.project_id, actor_id=ada.id, follow_uri="x", created_at=factories.NOW
        )
    )
    db.commit()
    return made


@pytest.fixture
def owner(client, db, project):
    """Return a browser of the project's owner."""
    person = db.scalars(
        sa.select(ProjectOwner.user_id).where(ProjectOwner.project_id == project.id)
    ).first()
    factories.sign_in(client, db.get(User, person))
    return client


@pytest.fixture
def operator(client, db):
    """Return a browser of an operator."""
    factories.sign_in(client, factories.make_user(is_operator=True))
    return client


class TestOwner:
    def test_sees_followers_and_what_waits(self, owner, comment):
        page = owner.get("/project-desk/riwa-springs/elsewhere").text
        assert "@riwa-springs@localhost" in page
        assert "social.example.org" in page
        assert "<p>Well done!</p>" in page
        assert "Ada &lt;b&gt;Elsewhere&lt;/b&gt;" in page

    def test_lets_a_comment_be_read_and_takes_it_away_again(self, app, owner, comment, update):
        base = f"/project-desk/riwa-springs/comments/{comment.id}"
        page = f"/projects/riwa-springs/updates/{update.id}"
        assert "Well done!" not in app.test_client().get(page).text
        assert owner.post(f"{base}/show").status_code == 303
        shown = app.test_client().get(page).text
        assert "<p>Well done!</p>" in shown
        assert "Ada &lt;b&gt;Elsewhere&lt;/b&gt;" in shown
        assert owner.post(f"{base}/refuse").status_code == 303
        assert "Well done!" not in app.test_client().get(page).text
        assert "Well done!" in owner.get("/project-desk/riwa-springs/elsewhere?state=refused").text
        assert owner.post(f"{base}/praise").status_code == 404

    def test_is_told_on_the_first_page_of_the_desk(self, owner, comment):
        assert "1 answer waits to be shown" in owner.get("/project-desk/riwa-springs").text

    def test_decides_nothing_of_others(self, db, client, comment):
        other = factories.make_project()
        person = factories.make_user()
        factories.make_owner(other, person)
        factories.sign_in(client, person)
        own = f"/project-desk/{other.slug}/comments/{comment.id}/show"
        assert client.post(own).status_code == 404
        theirs = f"/project-desk/riwa-springs/comments/{comment.id}/show"
        assert client.post(theirs).status_code == 404
        assert client.get("/project-desk/riwa-springs/elsewhere").status_code == 404
        assert db.get(UpdateComment, comment.id).state is CommentState.WAITING

    def test_is_told_where_it_is_switched_off(self, app, owner, comment):
        app.config["FEDERATION"] = False
        try:
            assert "switched this off" in owner.get("/project-desk/riwa-springs/elsewhere").text
        finally:
            app.config["FEDERATION"] = True

    def test_sees_the_list_begin_anew_where_the_place_makes_no_sense(self, owner, comment):
        assert "Well done!" in owner.get("/project-desk/riwa-springs/elsewhere?after=WyJ4Il0").text


class TestOperator:
    @pytest.mark.parametrize("which", ["", "hosts", "comments", "reports", "failed", "blocked"])
    def test_sees_each_list_empty(self, operator, which):
        assert operator.get(f"/staff/federation?which={which}").status_code == 200

    def test_sees_servers_with_their_followers(self, operator, comment):
        page = operator.get("/staff/federation").text
        assert "social.example.org" in page

    def test_decides_of_comments_and_it_is_written_down(self, db, operator, comment):
        assert "Well done!" in operator.get("/staff/federation?which=comments").text
        path = f"/staff/federation/comments/{comment.id}"
        assert operator.post(f"{path}/show").status_code == 303
        assert operator.post(f"{path}/praise").status_code == 404
        assert db.get(UpdateComment, comment.id).state is CommentState.SHOWN
        actions = db.scalars(sa.select(AuditEntry.action)).all()
        assert "comment.show" in actions

    def test_blocks_a_server_and_lifts_the_block(self, db, operator, comment, project):
        form = {"target": "Example.org", "reason": "spam"}
        assert operator.post("/staff/federation/blocks", data=form).status_code == 303
        operator.post("/staff/federation/blocks", data=form)
        blocked = db.scalars(sa.select(FederationBlock)).one()
        assert blocked.target == "example.org"
        assert queries.count_followers(project.id) == 0
        assert db.scalar(sa.select(sa.func.count()).select_from(UpdateComment)) == 0
        assert "spam" in operator.get("/staff/federation?which=blocked").text
        lift = f"/staff/federation/blocks/{blocked.id}/lift"
        assert operator.post(lift).status_code == 303
        assert operator.post(lift).status_code == 404
        assert queries.find_block("https://social.example.org/users/ada") is None

    def test_blocks_one_person(self, db, operator, comment, somebody):
        form = {"target": "@ada@social.example.org", "reason": "spam"}
        assert operator.post("/staff/federation/blocks", data=form).status_code == 303
        assert queries.find_block(somebody.uri) is not None
        assert queries.find_block(f"{somebody.base}/users/eve") is None

    @pytest.mark.parametrize(
        "form",
        [
            {"target": "nobody", "reason": "x"},
            {"target": "", "reason": "x"},
            {"target": "a.example", "reason": ""},
            {"target": "@eve@nowhere.example", "reason": "x"},
        ],
    )
    def test_is_asked_again_for_what_cannot_be_blocked(self, operator, form):
        answer = operator.post("/staff/federation/blocks", data=form)
        assert answer.status_code == 422
        assert f'value="{form["target"]}"' in answer.text

    def test_closes_a_complaint_with_a_word(self, db, operator, ada):
        made = RemoteReport(
            id=new_id(),
            host=ada.host,
            uri="https://social.example.org/flags/1",
            about=["http://localhost/federation/projects/x"],
            text="<b>Spam</b>",
            received_at=factories.NOW,
        )
        db.add(made)
        db.commit()
        assert "&lt;b&gt;Spam" in operator.get("/staff/federation?which=reports").text
        path = f"/staff/federation/reports/{made.id}/close"
        assert operator.post(path, data={"reason": " "}).status_code == 422
        assert operator.post(path, data={"reason": "Looked at"}).status_code == 303
        assert operator.post(path, data={"reason": "Looked at"}).status_code == 404
        assert queries.list_reports() == []

    def test_has_a_failed_delivery_tried_again(self, db, operator, ada, project):
        activity = OutgoingActivity(
            id=new_id(), project_id=project.id, kind="Create", document={}, created_at=clock.now()
        )
        db.add(activity)
        db.flush()
        row = Delivery(
            id=new_id(),
            activity_id=activity.id,
            inbox=ada.inbox,
            host=ada.host,
            state=DeliveryState.FAILED,
            attempts=9,
            problem="HTTP 503",
            created_at=clock.now(),
            tried_at=clock.now(),
        )
        db.add(row)
        db.commit()
        assert "HTTP 503" in operator.get("/staff/federation?which=failed").text
        path = f"/staff/federation/deliveries/{row.id}/retry"
        for _time in range(2):
            assert operator.post(path).status_code == 303
        assert db.get(Delivery, row.id).state is DeliveryState.WAITING
        nobody = f"/staff/federation/deliveries/{new_id()}/retry"
        assert operator.post(nobody).status_code == 404

    def test_of_a_page_further_on_sees_what_follows(self, operator, ada):
        answer = operator.get("/staff/federation?after=WyJ6Il0").text
        assert ada.host not in answer


def test_a_block_does_not_reach_names_that_only_end_alike(db, comment):
    other = Remote("notexample.org")
    assert queries.find_block(other.uri) is None

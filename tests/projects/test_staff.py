"""The operator suspends and closes projects, and says why."""

import pytest

from marketplace.accounts.models import AuditEntry
from marketplace.projects.models import Project, ProjectState
from tests import factories


@pytest.fixture
def operator(client, db, sign_in):
    person = factories.make_user(is_operator=True)
    sign_in(client, person)
    return person


class TestProjects:
    def test_are_listed_by_state(self, client, db, operator):
        factories.make_project(title="Waiting", state="proposed")
        factories.make_project(title="Running")
        db.commit()
        page = client.get("/staff/projects?state=nonsense").text
        assert "Waiting" in page
        assert "Running" not in page
        assert "Running" in client.get("/staff/projects?state=open").text


class TestMove:
    @pytest.mark.parametrize(
        ("how", "before", "after"),
        [
            ("suspend", "full", "suspended"),
            ("close", "open", "closed"),
        ],
    )
    def test_is_written_down_with_its_reason(self, client, db, operator, how, before, after):
        project = factories.make_project(state=before)
        db.commit()
        address = f"/staff/projects/{project.slug}/{how}"
        assert client.post(address, data={"reason": " "}).status_code == 422
        assert client.post(address, data={"reason": "Papers read"}).status_code == 303
        assert db.query(Project).one().state is ProjectState(after)
        told = db.query(AuditEntry).filter_by(action=f"project.{how}").one()
        assert told.reason == "Papers read"
        assert client.post(address, data={"reason": "Again"}).status_code == 409

    def test_knows_three_ways(self, client, db, operator):
        project = factories.make_project()
        db.commit()
        answer = client.post(f"/staff/projects/{project.slug}/delete", data={"reason": "x"})
        assert answer.status_code == 404

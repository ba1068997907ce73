"""What other servers ask for."""

import pytest

from marketplace.federation.rules import reading
from marketplace.projects import service as projects
from marketplace.projects.models import ProjectState
from tests import factories
from tests.federation.rows import rows_of
from tests.statements import statements

AP = {"Accept": "application/activity+json"}
MASTODON = {
    "Accept": 'application/activity+json, application/ld+json; profile="x", text/html;q=0.1'
}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


class TestWebfinger:
    @pytest.mark.parametrize(
        "resource",
        [
            "acct:riwa-springs@localhost",
            "acct:Riwa-Springs@LOCALHOST",
            "http://localhost/projects/riwa-springs",
        ],
    )
    def test_leads_to_the_actor(self, client, project, resource):
        answer = client.get("/.well-known/webfinger", query_string={"resource": resource})
        assert answer.content_type == "application/jrd+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.json["subject"] == "acct:riwa-springs@localhost"
        links = {link["rel"]: link for link in answer.json["links"]}
        assert links["self"]["href"] == f"http://localhost/federation/projects/{project.id}"
        assert links["self"]["type"] == "application/activity+json"

    def test_leads_there_from_the_actors_id(self, client, project):
        uri = f"http://localhost/federation/projects/{project.id}"
        answer = client.get("/.well-known/webfinger", query_string={"resource": uri})
        assert answer.json["subject"] == "acct:riwa-springs@localhost"

    @pytest.mark.parametrize(
        ("resource", "status"),
        [
            ("", 400),
            ("acct:riwa-springs@elsewhere.example", 404),
            ("acct:nobody@localhost", 404),
            ("riwa-springs", 404),
            ("acct:@localhost", 404),
            ("http://localhost/federation/projects/x", 404),
        ],
    )
    def test_knows_nobody_else(self, client, project, resource, status):
        answer = client.get("/.well-known/webfinger", query_string={"resource": resource})
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"

    def test_does_not_tell_of_a_project_that_waits(self, client, db):
        factories.make_project(slug="secret", state=ProjectState.PROPOSED)
        answer = client.get("/.well-known/webfinger?resource=acct:secret@localhost")
        assert answer.status_code == 404


class TestNodeinfo:
    def test_says_what_runs_here(self, client, update):
        link = client.get("/.well-known/nodeinfo").json["links"][0]
        assert link["href"] == "http://localhost/nodeinfo/2.1"
        said = client.get("/nodeinfo/2.1")
        assert said.json["software"]["name"] == "causeway"
        assert said.json["protocols"] == ["activitypub"]
        assert said.json["usage"]["localPosts"] >= 1


class TestProject:
    def test_is_an_actor_for_servers(self, client, project):
        answer = client.get(f"/federation/projects/{project.id}", headers=AP)
        said = answer.json
        assert answer.mimetype == "application/activity+json"
        assert said["id"] == f"http://localhost/federation/projects/{project.id}"
        assert said["preferredUsername"] == "riwa-springs"
        assert said["name"] == "Riwa & springs"
        assert said["publicKey"]["owner"] == said["id"]
        person = reading.read_person(said, uri=said["id"])
        assert person.shared_inbox == "http://localhost/federation/inbox"
        assert list(person.keys) == [f"{said['id']}#main-key"]

    def test_is_one_for_those_who_ask_by_the_other_name(self, client, project):
        wanted = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
        for accept in (wanted, "application/ld+json"):
            answer = client.get("/projects/riwa-springs", headers={"Accept": accept})
            assert answer.mimetype == "application/activity+json"

    def test_keeps_its_key(self, client, project):
        path = f"/federation/projects/{project.id}"
        keys = {
            client.get(path, headers=AP).json["publicKey"]["publicKeyPem"] for _time in range(2)
        }
        assert len(keys) == 1

    def test_is_the_same_at_its_own_address(self, client, project):
        own = client.get("/projects/riwa-springs", headers=MASTODON)
        assert own.json["id"].endswith(str(project.id))
        assert "Accept" in own.headers["Vary"]

    def test_is_a_page_for_people(self, client, project):
        page = client.get("/projects/riwa-springs", headers=BROWSER)
        assert page.mimetype == "text/html"
        assert "@riwa-springs@localhost" in page.text
        assert "Accept" in page.headers["Vary"]
        led = client.get(f"/federation/projects/{project.id}", headers=BROWSER)
        assert (led.status_code, led.location) == (303, "http://localhost/projects/riwa-springs")

    def test_is_not_there_before_it_is_verified(self, client, db):
        hidden = factories.make_project(state=ProjectState.PROPOSED)
        for rest in ("", "/outbox", "/followers", "/following"):
            path = f"/federation/projects/{hidden.id}{rest}"
            assert client.get(path, headers=AP).status_code == 404
        assert client.post(f"/federation/projects/{hidden.id}/inbox").status_code == 404


class TestUpdate:
    def test_is_a_post_for_servers(self, client, update):
        paths = (
            f"/federation/updates/{update.id}",
            f"/projects/riwa-springs/updates/{update.id}",
        )
        for path in paths:
            said = client.get(path, headers=AP).json
            assert said["id"] == f"http://localhost/federation/updates/{update.id}"
            assert said["content"].startswith("<p><strong>The &lt;pump&gt; runs</strong></p>")
            assert "<em>runs</em>" in said["content"]
            assert said["url"] == f"http://localhost/projects/riwa-springs/updates/{update.id}"

    def test_is_a_page_for_people(self, client, update):
        answer = client.get(f"/federation/updates/{update.id}", headers=BROWSER)
        assert answer.location == f"http://localhost/projects/riwa-springs/updates/{update.id}"

    def test_costs_few_statements(self, client, engine, project, update):
        rows_of(project)
        path = f"/projects/riwa-springs/updates/{update.id}"
        client.get(path)
        with statements(engine) as asked:
            client.get(path)
        assert len(asked) <= 8

    def test_that_never_was_is_not_there(self, client, project):
        assert client.get(f"/federation/updates/{project.id}", headers=AP).status_code == 404


class TestOutbox:
    def test_says_how_much_there_is_and_shows_it_in_pages(self, client, db, project):
        author = factories.make_user()
        for place in range(23):
            projects.post_update(
                project=project, author=author, title=f"No {place}", body="-", now=factories.NOW
            )
        path = f"/federation/projects/{project.id}/outbox"
        whole = client.get(path, headers=AP).json
        assert whole["totalItems"] == 23
        first = client.get(whole["first"], headers=AP).json
        second = client.get(first["next"], headers=AP).json
        ids = [item["object"]["id"] for item in first["orderedItems"] + second["orderedItems"]]
        assert len(ids) == len(set(ids)) == 23
        assert "next" not in second
        assert {item["type"] for item in first["orderedItems"]} == {"Create"}

    def test_begins_anew_where_the_place_makes_no_sense(self, client, update, project):
        path = f"/federation/projects/{project.id}/outbox?page=true&after="
        for nonsense in ("x", "WyJ4IiwgInkiXQ"):
            assert len(client.get(path + nonsense).json["orderedItems"]) == 1

    def test_costs_few_statements(self, client, engine, update, project):
        path = f"/federation/projects/{project.id}/outbox?page=true"
        client.get(path, headers=AP)
        with statements(engine) as asked:
            client.get(path, headers=AP)
        assert len(asked) <= 8


class TestSite:
    def test_has_an_actor_that_asks(self, client, db):
        said = client.get("/federation/actor").json
        assert said["type"] == "Application"
        assert client.get("/federation/actor/outbox").json["totalItems"] == 0


class TestSwitchedOff:
    @pytest.fixture(autouse=True)
    def _off(self, app):
        app.config["FEDERATION"] = False
        yield
        app.config["FEDERATION"] = True

    def test_is_nowhere(self, client, project, update):
        for path in (
            "/.well-known/webfinger?resource=acct:riwa-springs@localhost",
            "/.well-known/nodeinfo",
            "/nodeinfo/2.1",
            "/federation/actor",
            f"/federation/projects/{project.id}",
            f"/federation/updates/{update.id}",
        ):
            assert client.get(path, headers=AP).status_code == 404, path
        assert client.post("/federation/inbox").status_code == 404
        page = client.get("/projects/riwa-springs", headers=AP)
        assert page.mimetype == "text/html"
        assert "@riwa-springs@" not in page.text

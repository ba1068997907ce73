"""What others send: taken from who signed it, and from nobody else."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.worker import TASKS, Task
from marketplace.federation import queries, service
from marketplace.federation.jobs.delivering import purge_federation
from marketplace.federation.models import (
    CommentState,
    Delivery,
    DeliveryState,
    FederationKey,
    IncomingActivity,
    RemoteActor,
    RemoteFollow,
    RemoteHost,
    RemoteReport,
    UpdateComment,
)
from marketplace.federation.rules import reading
from marketplace.federation.rules.addresses import Addresses
from marketplace.federation.rules.decisions import Decision
from marketplace.projects import service as projects
from marketplace.projects.models import ProjectUpdate
from tests import factories
from tests.federation.remote import Remote, is_signed

INBOX = "/federation/inbox"


def uri_of(project) -> str:
    return f"http://localhost/federation/projects/{project.id}"


def note_of(update) -> str:
    return f"http://localhost/federation/updates/{update.id}"


def count(db, table) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def follow(somebody, ada, project):
    """Return ada's wish to follow the project."""
    return somebody.activity("Follow", uri_of(project))


class TestFollow:
    def test_is_kept_and_answered(self, db, deliver, somebody, follow, project):
        assert deliver(somebody, follow).status_code == 202
        assert queries.count_followers(project.id) == 1
        assert queries.list_follower_hosts(project.id) == [(somebody.host, 1)]
        sent = db.scalars(sa.select(Delivery)).one()
        assert sent.inbox == f"{somebody.uri}/inbox"
        answer = queries.find_delivery(sent.id).activity.document
        assert (answer["type"], answer["actor"]) == ("Accept", uri_of(project))
        assert answer["object"]["id"] == follow["id"]

    def test_reaches_the_projects_own_inbox_too(self, deliver, somebody, follow, project):
        path = f"/federation/projects/{project.id}/inbox"
        assert deliver(somebody, follow, path).status_code == 202
        assert queries.count_followers(project.id) == 1

    def test_counts_once(self, deliver, somebody, follow, project):
        deliver(somebody, follow)
        again = somebody.activity("Follow", uri_of(project), 2)
        assert deliver(somebody, again).status_code == 202
        assert queries.count_followers(project.id) == 1

    def test_of_what_there_is_not_does_nothing(self, db, deliver, somebody, ada):
        thing = "http://localhost/federation/projects/00000000-0000-7000-8000-000000000000"
        assert deliver(somebody, somebody.activity("Follow", thing)).status_code == 202
        assert count(db, RemoteFollow) == 0

    def test_ends(self, deliver, somebody, follow, project):
        deliver(somebody, follow)
        undo = somebody.activity("Undo", {k: v for k, v in follow.items() if k != "@context"})
        assert deliver(somebody, undo).status_code == 202
        assert queries.count_followers(project.id) == 0

    def test_ends_by_its_id_alone(self, deliver, somebody, follow, project):
        deliver(somebody, follow)
        deliver(somebody, somebody.activity("Undo", follow["id"]))
        assert queries.count_followers(project.id) == 0

    def test_does_not_end_with_something_else_or_somebody_elses(
        self, deliver, somebody, follow, project
    ):
        deliver(somebody, follow)
        like = {"type": "Like", "actor": somebody.uri, "object": uri_of(project)}
        assert deliver(somebody, somebody.activity("Undo", like, 1)).status_code == 202
        theirs = {**follow, "actor": f"{somebody.base}/users/eve"}
        assert deliver(somebody, somebody.activity("Undo", theirs, 2)).status_code == 400
        assert queries.count_followers(project.id) == 1


class TestRefusal:
    """Nothing that is not surely theirs changes anything."""

    @pytest.fixture(autouse=True)
    def _nothing_happens(self, db, project, ada):
        yield
        assert queries.count_followers(project.id) == 0
        assert count(db, Delivery) == 0
        assert count(db, IncomingActivity) == 0

    @pytest.mark.parametrize(
        "changed",
        [
            {"late": timedelta(hours=13)},
            {"late": timedelta(hours=-3)},
            {"sent": b'{"type": "Like"}'},
            {"digest": "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
            {"signature": ""},
            {"host": "elsewhere.example"},
            {"key_id": "https://elsewhere.example/users/eve#main-key"},
            {"key_id": "https://social.example.org/users/eve#main-key"},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_of_what_does_not_fit_its_signature(self, deliver, somebody, follow, changed):
        answer = deliver(somebody, follow, **changed)
        assert answer.status_code == 401
        assert answer.content_type == "application/problem+json"

    def test_of_another_key(self, deliver, somebody, follow):
        other = Remote()
        assert deliver(other, follow).status_code == 401

    def test_of_another_actor(self, deliver, somebody, project):
        eve = Remote("evil.example.org", "eve")
        forged = {**eve.activity("Follow", uri_of(project)), "actor": somebody.uri}
        assert deliver(eve, forged).status_code == 400
        forged["id"] = f"{somebody.base}/1"
        assert deliver(eve, forged).status_code == 401

    @pytest.mark.parametrize(
        "body", [b"", b"x", b"[]", b'"x"', b'{"a": "\\u0000"}', b"{}", b"[" * 50_000]
    )
    def test_of_what_says_nothing(self, deliver, somebody, body):
        assert deliver(somebody, body).status_code == 400

    def test_of_too_much(self, deliver, somebody, follow):
        assert deliver(somebody, {**follow, "x": "x" * 300_000}).status_code == 413

    def test_of_what_is_no_json(self, client):
        answer = client.post(INBOX, data=b"a=b", content_type="text/plain")
        assert answer.status_code == 415

    def test_of_somebody_who_says_to_be_here(self, deliver, project):
        ours = Remote("localhost", "x", scheme="http")
        assert deliver(ours, ours.activity("Follow", uri_of(project))).status_code == 403

    @pytest.mark.parametrize("target", ["social.example.org", "example.org"])
    def test_of_a_blocked_server(self, db, deliver, somebody, follow, target):
        service.block(target=target, reason="spam", by=factories.make_user(), now=clock.now())
        assert deliver(somebody, follow).status_code == 403

    def test_of_a_blocked_person(self, db, deliver, somebody, follow):
        service.block(
            target="@ada@social.example.org",
            reason="spam",
            by=factories.make_user(),
            now=clock.now(),
        )
        assert deliver(somebody, follow).status_code == 403


class TestReplay:
    def test_is_refused(self, client, somebody, follow, project):
        body = json.dumps(follow).encode()
        headers = somebody.headers("POST", INBOX, "localhost", body)
        kind = headers.pop("content-type")
        statuses = [
            client.post(INBOX, data=body, headers=headers, content_type=kind).status_code
            for _time in range(2)
        ]
        assert statuses == [202, 409]

    def test_does_not_bring_back_what_ended(self, client, deliver, somebody, follow, project):
        body = json.dumps(follow).encode()
        headers = somebody.headers("POST", INBOX, "localhost", body)
        kind = headers.pop("content-type")
        client.post(INBOX, data=body, headers=headers, content_type=kind)
        deliver(somebody, somebody.activity("Undo", follow))
        client.post(INBOX, data=body, headers=headers, content_type=kind)
        assert queries.count_followers(project.id) == 0


class TestTooOften:
    def test_is_refused(self, deliver, somebody, follow, monkeypatch):
        monkeypatch.setattr("marketplace.federation.views.inbox.FROM_ONE_ADDRESS", 1)
        assert deliver(somebody, follow).status_code == 202
        answer = deliver(somebody, somebody.activity("Like", "https://x.example/"))
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0

    def test_is_refused_of_strangers_sooner(self, db, deliver, project, monkeypatch):
        monkeypatch.setattr("marketplace.federation.views.inbox.FROM_STRANGERS", 1)
        eve = Remote("evil.example.org", "eve")
        first = deliver(eve, eve.activity("Follow", uri_of(project), 1))
        second = deliver(eve, eve.activity("Follow", uri_of(project), 2))
        assert (first.status_code, second.status_code) == (202, 429)
        assert count(db, IncomingActivity) == 1


class TestStranger:
    """Somebody whose key has to be asked for: a real server answers."""

    def test_follows_once_their_server_said_who_they_are(
        self, db, deliver, server, project, run_jobs
    ):
        ada = server.person
        assert deliver(ada, ada.activity("Follow", uri_of(project))).status_code == 202
        assert queries.count_followers(project.id) == 0
        assert "federation_receive" in run_jobs()
        assert queries.count_followers(project.id) == 1
        assert count(db, IncomingActivity) == 0
        asked, headers = server.asked[0]
        assert (asked, headers["accept"].split(",")[0]) == (
            "/users/ada",
            "application/activity+json",
        )
        assert "federation/actor#main-key" in headers["signature"]

    def test_gets_the_answer(self, client, deliver, server, project, run_jobs):
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        ((_headers, answer, _body, path),) = server.came
        assert (path, answer["type"]) == ("/users/ada/inbox", "Accept")

    def test_is_forgotten_where_somebody_else_signed(self, db, deliver, server, project, run_jobs):
        eve = Remote(server.host, "ada", scheme="http")
        assert deliver(eve, eve.activity("Follow", uri_of(project))).status_code == 202
        run_jobs()
        assert queries.count_followers(project.id) == 0
        assert count(db, IncomingActivity) == count(db, RemoteActor) == 0

    @pytest.mark.parametrize(
        "answer",
        [
            (404, "text/plain", b"", {}),
            (410, "text/plain", b"", {}),
            (200, "text/html", b"<p>", {}),
            (200, "application/json", b"{}", {}),
            (200, "application/activity+json", b"{}", {}),
            (200, "application/activity+json", b"x" * 600_000, {}),
            (302, "text/plain", b"", {"Location": "file:///etc/passwd"}),
        ],
    )
    def test_is_forgotten_where_their_server_says_nothing_of_use(
        self, db, deliver, server, project, run_jobs, answer
    ):
        ada = server.person
        server.answers["/users/ada"] = answer
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        assert count(db, IncomingActivity) == count(db, RemoteFollow) == 0

    def test_is_asked_again_some_times_while_nobody_answers(
        self, db, deliver, server, project, run_jobs
    ):
        server.answers["/users/ada"] = (503, "text/plain", b"", {})
        deliver(server.person, server.person.activity("Follow", uri_of(project)))
        assert run_jobs().count("federation_receive") == 3
        assert count(db, IncomingActivity) == 0

    def test_at_a_private_address_is_not_asked(self, app, db, deliver, server, project, run_jobs):
        app.config["OUTGOING_TO_PRIVATE"] = False
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        assert server.asked == []
        assert count(db, RemoteActor) == count(db, IncomingActivity) == 0

    def test_who_is_blocked_meanwhile_gets_nothing(self, db, deliver, server, project, run_jobs):
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        service.block(target=server.host, reason="x", by=factories.make_user(), now=clock.now())
        db.commit()
        run_jobs()
        assert count(db, RemoteFollow) == 0

    def test_is_not_asked_for_what_is_nothing_to_us(self, db, deliver, project):
        eve = Remote("evil.example.org", "eve")
        for kind, thing in (
            ("Delete", eve.uri),
            ("Like", uri_of(project)),
            ("Follow", "https://elsewhere.example/users/x"),
            ("Create", eve.reply("")),
            ("Undo", "https://evil.example.org/1"),
        ):
            assert deliver(eve, eve.activity(kind, thing)).status_code == 202
        assert count(db, IncomingActivity) == 0

    def test_with_a_new_key_is_asked_for_it_once_the_old_is_not_fresh(
        self, db, deliver, server, project, run_jobs
    ):
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        renewed = Remote(server.host, scheme="http")
        server.describe(renewed)
        undo = renewed.activity("Undo", ada.activity("Follow", uri_of(project)))
        assert deliver(renewed, undo).status_code == 401
        db.execute(sa.update(RemoteActor).values(fetched_at=clock.now() - timedelta(days=2)))
        assert deliver(renewed, undo).status_code == 202
        run_jobs()
        assert queries.count_followers(project.id) == 0


class TestComment:
    @pytest.fixture
    def reply(self, somebody, ada, update):
        """Return ada's answer to the update."""
        return somebody.reply(note_of(update))

    def test_waits_until_somebody_here_agrees(
        self, db, client, deliver, somebody, reply, project, update
    ):
        assert deliver(somebody, somebody.activity("Create", reply)).status_code == 202
        comment = db.scalars(sa.select(UpdateComment)).one()
        assert comment.state is CommentState.WAITING
        page = f"/projects/{project.slug}/updates/{update.id}"
        assert "Well done!" not in client.get(page).text
        assert queries.list_shown(update.id) == []

    def test_can_do_no_harm(self, db, deliver, somebody, reply):
        reply["content"] = (
            '<p onclick="x()">Hi <script>alert(1)</script><img src=x onerror=y>'
            '<a href="javascript:z()">a</a><a href="https://ok.example/" class="u">b</a></p>'
        )
        deliver(somebody, somebody.activity("Create", reply))
        html = db.scalars(sa.select(UpdateComment)).one().html
        for bad in ("script", "onclick", "onerror", "img", "javascript"):
            assert bad not in html
        assert 'rel="ugc nofollow noopener"' in html

    def test_of_a_comment_is_one_of_the_update(self, db, deliver, somebody, reply, update):
        deliver(somebody, somebody.activity("Create", reply, 1))
        deeper = somebody.reply(reply["id"], 2)
        deliver(somebody, somebody.activity("Create", deeper, 2))
        found = db.scalars(sa.select(UpdateComment.update_id)).all()
        assert found == [update.id, update.id]

    @pytest.mark.parametrize(
        "changed",
        [
            {"to": ["http://localhost/federation/projects/x"]},
            {"inReplyTo": "http://localhost/federation/updates/x"},
            {"inReplyTo": "https://elsewhere.example/1"},
            {"inReplyTo": None},
        ],
        ids=["private", "of nothing", "of others", "of none"],
    )
    def test_that_is_not_meant_for_all_to_read_here_is_not_kept(
        self, db, deliver, somebody, reply, changed
    ):
        deliver(somebody, somebody.activity("Create", {**reply, **changed}))
        assert count(db, UpdateComment) == 0

    def test_of_somebody_else_is_refused(self, db, deliver, somebody, reply):
        forged = {**reply, "attributedTo": "https://social.example.org/users/eve"}
        assert deliver(somebody, somebody.activity("Create", forged)).status_code == 400
        assert count(db, UpdateComment) == 0

    def test_comes_once(self, db, deliver, somebody, reply):
        deliver(somebody, somebody.activity("Create", reply, 1))
        deliver(somebody, somebody.activity("Create", reply, 2))
        assert count(db, UpdateComment) == 1

    def test_that_reads_otherwise_waits_again(self, db, deliver, somebody, reply, update):
        deliver(somebody, somebody.activity("Create", reply))
        comment = db.scalars(sa.select(UpdateComment)).one()
        service.decide(
            comment_id=comment.id,
            project_id=comment.project_id,
            how=Decision.SHOW,
            by=factories.make_user(),
            now=clock.now(),
        )
        deliver(somebody, somebody.activity("Update", reply, 1))
        assert len(queries.list_shown(update.id)) == 1
        reply["content"] = "<p>Buy pills</p>"
        deliver(somebody, somebody.activity("Update", reply, 2))
        assert queries.list_shown(update.id) == []

    def test_that_turns_private_is_gone(self, db, deliver, somebody, reply):
        deliver(somebody, somebody.activity("Create", reply))
        deliver(somebody, somebody.activity("Update", {**reply, "to": []}))
        assert count(db, UpdateComment) == 0

    def test_is_taken_back_and_does_not_return(self, db, deliver, somebody, reply):
        deliver(somebody, somebody.activity("Create", reply, 1))
        deliver(somebody, somebody.activity("Delete", {"id": reply["id"], "type": "Tombstone"}))
        assert count(db, UpdateComment) == 0
        deliver(somebody, somebody.activity("Create", reply, 3))
        assert count(db, UpdateComment) == 0

    def test_is_not_taken_back_by_others(self, db, deliver, server, somebody, reply, run_jobs):
        deliver(somebody, somebody.activity("Create", reply))
        service.keep_actor(
            person=reading.read_person(server.person.document(), uri=server.person.uri),
            now=clock.now(),
        )
        deliver(server.person, server.person.activity("Delete", reply["id"]))
        assert count(db, UpdateComment) == 1

    def test_goes_with_its_author(self, db, deliver, somebody, reply, follow):
        deliver(somebody, follow)
        deliver(somebody, somebody.activity("Create", reply))
        deliver(somebody, somebody.activity("Delete", somebody.uri))
        assert count(db, UpdateComment) == count(db, RemoteFollow) == count(db, RemoteActor) == 0


class TestFlag:
    def test_is_kept_for_the_operator(self, db, deliver, somebody, ada, project, update):
        flag = somebody.activity("Flag", [uri_of(project), note_of(update), "https://x.example/"])
        assert deliver(somebody, {**flag, "content": "Spam"}).status_code == 202
        kept = db.scalars(sa.select(RemoteReport)).one()
        assert kept.about == [uri_of(project), note_of(update)]
        assert kept.text == "Spam"

    def test_of_others_is_not(self, db, deliver, somebody, ada):
        deliver(somebody, somebody.activity("Flag", "https://x.example/"))
        assert count(db, RemoteReport) == 0


class TestRefresh:
    def test_learns_what_has_changed(self, db, deliver, server, project, run_jobs):
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        server.describe(ada, name="Lady Ada")
        deliver(ada, ada.activity("Update", ada.document()))
        run_jobs()
        assert queries.find_actor(ada.uri).name == "Lady Ada"
        server.answers["/users/ada"] = (200, "text/html", b"", {})
        deliver(ada, ada.activity("Update", ada.document(), 2))
        run_jobs()
        assert queries.find_actor(ada.uri).name == "Lady Ada"

    def test_forgets_who_is_gone(self, db, deliver, server, project, run_jobs):
        ada = server.person
        deliver(ada, ada.activity("Follow", uri_of(project)))
        run_jobs()
        server.answers.clear()
        deliver(ada, ada.activity("Update", ada.document()))
        run_jobs()
        assert queries.find_actor(ada.uri) is None


class TestDelivery:
    @pytest.fixture
    def followed(self, deliver, server, project, run_jobs):
        """Return a server from which two people follow the project."""
        grace = Remote(server.host, "grace", scheme="http")
        server.describe(grace)
        for person in (server.person, grace):
            deliver(person, person.activity("Follow", uri_of(project), person.name))
        run_jobs()
        server.came.clear()
        return server

    def post(self, project):
        return projects.post_update(
            project=project, author=factories.make_user(), title="News", body="-",
            now=clock.now(),
        )  # fmt: skip

    def test_of_an_update_goes_to_each_server_once(self, client, followed, project, run_jobs):
        made = self.post(project)
        run_jobs()
        ((headers, said, _body, path),) = followed.came
        assert (path, said["type"], said["object"]["id"]) == ("/inbox", "Create", note_of(made))
        assert headers["content-type"] == "application/activity+json"
        assert uri_of(project) in headers["signature"]

    def test_is_signed_with_the_projects_key(self, client, followed, project, run_jobs):
        self.post(project)
        pem = client.get(
            f"/federation/projects/{project.id}", headers={"Accept": "application/activity+json"}
        ).json["publicKey"]["publicKeyPem"]
        run_jobs()
        ((headers, _said, body, path),) = followed.came
        request = type("Sent", (), {"headers": _Headers(headers), "command": "POST", "path": path})
        assert is_signed(request(), body, pem)

    def test_tells_of_a_correction_and_of_the_end(self, db, client, followed, project, run_jobs):
        made = self.post(project).id
        run_jobs()
        db.execute(sa.update(ProjectUpdate).values(title="Old news"))
        for _time in range(2):
            tell(db, made)
        run_jobs()
        db.execute(sa.delete(ProjectUpdate))
        for _time in range(2):
            tell(db, made)
        run_jobs()
        kinds = [said["type"] for _headers, said, _body, _path in followed.came]
        assert kinds == ["Create", "Update", "Delete"]
        assert "Old news" in followed.came[1][1]["object"]["content"]
        gone = client.get(f"/federation/updates/{made}")
        assert (gone.status_code, gone.json["type"]) == (410, "Tombstone")

    def test_goes_nowhere_where_nobody_follows(self, db, update, run_jobs):
        run_jobs()
        assert count(db, Delivery) == 0

    def test_is_tried_less_and_less_often_until_it_is_given_up(
        self, db, followed, project, run_jobs
    ):
        followed.status = 503
        self.post(project)
        assert run_jobs().count("federation_deliver") == 9
        failed = queries.list_failed().rows
        assert [(row.attempts, row.problem) for row in failed] == [(9, "HTTP 503")]
        host = db.get(RemoteHost, followed.host)
        assert host.failing_since is not None

    def test_is_given_up_at_once_where_it_is_not_wanted(self, db, followed, project, run_jobs):
        followed.status = 403
        self.post(project)
        assert run_jobs().count("federation_deliver") == 1
        assert db.get(RemoteHost, followed.host).failing_since is None

    def test_ends_the_follow_of_who_is_gone(self, db, deliver, followed, project, run_jobs):
        followed.status = 410
        person = followed.person
        deliver(person, person.activity("Follow", uri_of(project), "again"))
        run_jobs()
        assert queries.count_followers(project.id) == 1

    def test_is_not_tried_at_a_server_that_is_gone_until_it_is_heard_of(
        self, db, deliver, followed, project, run_jobs
    ):
        long_ago = clock.now() - timedelta(days=8)
        db.execute(sa.update(RemoteHost).values(failing_since=long_ago))
        self.post(project)
        assert "federation_deliver" not in run_jobs()
        person = followed.person
        deliver(person, person.activity("Like", uri_of(project)))
        assert db.get(RemoteHost, followed.host, populate_existing=True).failing_since is None
        self.post(project)
        assert "federation_deliver" in run_jobs()

    def test_is_not_tried_while_it_is_switched_off(self, app, db, followed, project, run_jobs):
        made = self.post(project)
        tell(db, made.id)
        app.config["FEDERATION"] = False
        try:
            run_jobs()
        finally:
            app.config["FEDERATION"] = True
        assert followed.came == []

    def test_never_goes_to_a_private_address(self, app, followed, project, run_jobs):
        app.config["OUTGOING_TO_PRIVATE"] = False
        self.post(project)
        run_jobs()
        assert followed.came == []
        assert queries.list_failed().rows[0].problem == "not https"

    def test_goes_on_where_it_left_off(self, db, somebody, deliver, project, run_jobs, monkeypatch):
        monkeypatch.setattr("marketplace.federation.service.telling.AT_ONCE", 2)
        for place in range(5):
            uri = f"https://h{place}.example.org/users/x"
            actor = service.keep_actor(
                person=reading.Person(uri, "x", "", uri, f"{uri}/inbox", "", {}), now=clock.now()
            )
            db.add(
                RemoteFollow(
                    project_id=project.id, actor_id=actor.id, follow_uri=uri, created_at=clock.now()
                )
            )
        self.post(project)
        db.commit()
        done = run_jobs_without_network(run_jobs, monkeypatch)
        assert done.count("federation_fan_out") == 3
        assert count(db, Delivery) == 5


def run_jobs_without_network(run_jobs, monkeypatch) -> list[str]:
    monkeypatch.setitem(
        TASKS, "federation_deliver", Task("federation_deliver", lambda **_arguments: None)
    )
    return run_jobs()


class _Headers(dict):
    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


def tell(db, update_id) -> None:
    db.expire_all()
    service.tell_update(update_id=update_id, at=Addresses("http://localhost"), now=clock.now())
    db.commit()


class TestKey:
    def test_that_another_secret_sealed_is_made_anew(self, db, project):
        first = service.key_of(project.id, secret="one", now=clock.now())
        assert service.key_of(project.id, secret="one", now=clock.now()).public_pem == (
            first.public_pem
        )
        assert service.key_of(project.id, secret="two", now=clock.now()).public_pem != (
            first.public_pem
        )
        assert count(db, FederationKey) == 1

    def test_is_never_written_out(self, db, project):
        pair = service.key_of(project.id, secret="one", now=clock.now())
        assert "private" not in repr(pair)
        assert b"PRIVATE" not in db.scalars(sa.select(FederationKey)).one().sealed


class TestPurge:
    def test_forgets_what_is_over(self, db, deliver, somebody, follow, project, run_jobs):
        deliver(somebody, follow)
        db.execute(sa.update(Delivery).values(state=DeliveryState.FAILED))
        purge_federation()
        assert (count(db, Delivery), count(db, RemoteActor)) == (1, 1)
        later = clock.now() + timedelta(days=31)
        service.purge(now=later)
        assert (count(db, Delivery), count(db, RemoteActor)) == (0, 1)
        db.execute(sa.delete(RemoteFollow))
        service.purge(now=later)
        assert count(db, RemoteActor) == 0

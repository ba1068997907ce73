"""Two servers that really run: the product with its worker, and somebody else's."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core import db as database
from marketplace.federation import service
from marketplace.federation.models import RemoteFollow, UpdateComment
from marketplace.federation.rules.decisions import Decision
from marketplace.projects import service as projects
from marketplace.projects.models import Project
from tests import cluster, factories
from tests.federation.remote import KIND, Remote, Server, is_signed

PATIENCE_SECONDS = 120
SHARED = "/federation/inbox"


class Product:
    """The product, served by its own web server, with a worker beside it."""

    def __init__(self, folder: Path, dsn: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.host, self.dsn = f"127.0.0.1:{port}", dsn
        self.base = f"http://{self.host}"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("STRIPE_", "COVERAGE_", "PYTEST_", "PROMETHEUS_"))
        }
        environ = kept | {
            "ENVIRONMENT": "test",
            "DATABASE_URL": dsn,
            "INSTANCE_PATH": str(folder),
            "MAIL_URL": f"file:{folder / 'mail'}",
            "SECRET_KEY": "a secret that is only for this test and long enough",
            "PORT": str(port),
            "PUBLIC_URL": self.base,
            "OUTGOING_TO_PRIVATE": "1",
            "PAGE_SECONDS": "0",
            "WORKERS": "1",
            "PYTHONPATH": str(cluster.CHECKOUT),
        }
        commands = (
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        )
        self.output = (folder / "output.txt").open("wb")
        self.processes = [
            subprocess.Popen(
                command,
                cwd=cluster.CHECKOUT,
                env=environ,
                stdout=self.output,
                stderr=subprocess.STDOUT,
            )
            for command in commands
        ]

    def wait_up(self) -> None:
        """Return when it answers."""
        until(lambda: self.ask("GET", "/readyz")[0] == 200, "the product to come up")

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, bytes]:
        """Ask it something; 0 where nobody answers."""
        connection = HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body=body or None, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def document(self, path: str) -> Any:  # Any: JSON
        """Return a document."""
        status, body = self.ask("GET", path.removeprefix(self.base), {"Accept": KIND})
        assert status == 200, (path, status, body)
        return json.loads(body)

    def send(self, by: Remote, activity: Any, path: str = SHARED, **changed: Any) -> int:
        """Send a signed activity; return the status."""
        body = json.dumps(activity).encode()
        headers = by.headers("POST", path, self.host, body, **changed)
        return self.ask("POST", path, headers, body)[0]

    def stop(self) -> None:
        """Stop it."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(PATIENCE_SECONDS)
        self.output.close()


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Return the product in processes of its own."""
    running = Product(tmp_path_factory.mktemp("product"), cluster.test_dsn("federation"))
    try:
        running.wait_up()
        yield running
    finally:
        running.stop()


@pytest.fixture
def peer() -> Iterator[Server]:
    """Return the other server."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def book(app, engine, product) -> Iterator[Callable[[], Any]]:
    """Return a way to work on the product's database as its desk does, with real commits."""
    own = database.make_engine(product.dsn)

    @contextmanager
    def work() -> Iterator[Any]:
        database.bind(own)
        with app.app_context():
            try:
                with database.atomic() as session:
                    yield session
            finally:
                database.session.remove()
                database.bind(engine)

    yield work
    own.dispose()


def find(product: Product, slug: str) -> Any:  # Any: JSON
    """Find a project as a server does that was given its handle."""
    wanted = urlencode({"resource": f"acct:{slug}@{product.host}"})
    status, body = product.ask("GET", f"/.well-known/webfinger?{wanted}")
    assert status == 200
    links = {link["rel"]: link["href"] for link in json.loads(body)["links"]}
    return product.document(links["self"])


def comes(peer: Server, kind: str, pem: str) -> Any:  # Any: JSON
    """Return the next activity that the product sends, once it has; its signature has to fit."""

    def those() -> list[Any]:
        return [one for one in peer.came if one[1]["type"] == kind]

    until(those, f"a {kind}")
    headers, said, body, path = those()[-1]
    sent = type("Sent", (), {"headers": Folded(headers), "command": "POST", "path": path})()
    assert is_signed(sent, body, pem)
    other = Remote()
    with pytest.raises(InvalidSignature):
        is_signed(sent, body, other.pem)
    return said


class Folded(dict[str, str]):
    """Headers by names in whatever letters."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


class TestTwoServers:
    def test_follow_hear_answer_and_part(self, product, peer, book):
        with book():
            project = factories.make_project(slug="riwa-springs", summary="Water & pumps")
            author = factories.make_user()
        actor = find(product, "riwa-springs")
        pem = actor["publicKey"]["publicKeyPem"]
        ada = peer.person

        # Somebody unknown follows: their server is asked who they are, and gets an answer.
        follow = ada.activity("Follow", actor["id"])
        assert product.send(ada, follow, actor["inbox"].removeprefix(product.base)) == 202
        assert comes(peer, "Accept", pem)["object"]["id"] == follow["id"]
        assert peer.asked[0][0] == "/users/ada"
        until(lambda: product.document(actor["followers"])["totalItems"] == 1, "the follower")

        # The project tells something: it is delivered, signed, and stands at the same address.
        with book() as session:
            update = projects.post_update(
                project=session.get(Project, project.id),
                author=session.get(User, author.id),
                title="The pump runs",
                body="Since *Tuesday*.",
                now=clock.now(),
            )
        told = comes(peer, "Create", pem)
        assert told["object"]["content"].startswith("<p><strong>The pump runs</strong></p>")
        note = product.document(told["object"]["id"])
        assert note["content"] == told["object"]["content"]
        outbox = product.document(product.document(actor["outbox"])["first"])
        assert outbox["orderedItems"][0]["object"]["id"] == note["id"]

        # They answer: nothing is seen of it before somebody here agrees.
        reply = ada.reply(note["id"])
        assert product.send(ada, ada.activity("Create", reply)) == 202
        page = f"/projects/riwa-springs/updates/{update.id}"
        assert b"Well done!" not in product.ask("GET", page)[1]
        with book() as session:
            comment = session.scalars(sa.select(UpdateComment)).one()
            service.decide(
                comment_id=comment.id,
                project_id=project.id,
                how=Decision.SHOW,
                by=session.get(User, author.id),
                now=clock.now(),
            )
        assert b"Well done!" in product.ask("GET", page)[1]

        # They take it back, and follow no more.
        assert product.send(ada, ada.activity("Delete", reply["id"])) == 202
        assert b"Well done!" not in product.ask("GET", page)[1]
        assert product.send(ada, ada.activity("Undo", follow)) == 202
        assert product.document(actor["followers"])["totalItems"] == 0

    def test_refuse_what_is_not_surely_theirs(self, product, peer, book):
        with book():
            factories.make_project(slug="tifawin")
        actor = find(product, "tifawin")
        ada = peer.person
        assert product.send(ada, ada.activity("Follow", actor["id"], "known")) == 202
        until(lambda: product.document(actor["followers"])["totalItems"] == 1, "the follower")
        assert product.send(ada, ada.activity("Undo", ada.activity("Follow", actor["id"]))) == 202
        assert product.document(actor["followers"])["totalItems"] == 0

        follow = ada.activity("Follow", actor["id"], "refused")
        eve = Remote(peer.host, "eve", scheme="http")
        old = factories.NOW
        digest = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        forged = {**eve.activity("Follow", actor["id"]), "actor": ada.uri}
        huge = {**follow, "summary": "x" * 300_000}
        assert product.send(ada, follow, at=old) == 401
        assert product.send(ada, follow, digest=digest) == 401
        assert product.send(ada, follow, host="elsewhere.example.org") in (400, 401)
        assert product.send(eve, forged) == 401
        assert product.send(ada, huge) == 413
        assert product.send(eve, follow, key_id=ada.key_id) == 401

        body = json.dumps(ada.activity("Like", actor["id"])).encode()
        headers = ada.headers("POST", SHARED, product.host, body)
        statuses = [product.ask("POST", SHARED, headers, body)[0] for _time in range(2)]
        assert statuses == [202, 409]
        assert product.document(actor["followers"])["totalItems"] == 0
        with book() as session:
            assert session.scalars(sa.select(RemoteFollow.follow_uri)).all() == []

"""People elsewhere, and a project that they may follow."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from marketplace.core import clock
from marketplace.federation import service
from marketplace.federation.rules import reading
from marketplace.projects import service as projects
from tests import factories
from tests.federation.remote import KIND, Remote, Server

HOST = "localhost"


@pytest.fixture(scope="session")
def somebody() -> Remote:
    """Return somebody on a server that nobody can reach: known to us by a row alone."""
    return Remote()


@pytest.fixture
def ada(db, somebody):
    """Return them, known to us."""
    return service.keep_actor(
        person=reading.read_person(somebody.document(), uri=somebody.uri), now=clock.now()
    )


@pytest.fixture
def project(db):
    """Return a project that can be followed."""
    made = factories.make_project(slug="riwa-springs", title="Riwa & springs", summary="Water")
    factories.make_owner(made)
    return made


@pytest.fixture
def update(db, project):
    """Return an update of it; nobody was told."""
    made = projects.post_update(
        project=project,
        author=factories.make_user(),
        title="The <pump> runs",
        body="It *runs*.",
        now=factories.NOW,
    )
    db.commit()
    return made


@pytest.fixture
def deliver(client) -> Callable[..., Any]:  # Any: an answer
    """Return a function that sends a signed activity to an inbox here."""

    def send(by: Remote, activity: Any, path: str = "/federation/inbox", **changed: Any) -> Any:
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        sent = changed.pop("sent", body)
        headers = by.headers("POST", path, HOST, body, **changed)
        kind = headers.pop("content-type", KIND)
        return client.post(path, data=sent, headers=headers, content_type=kind)

    return send


@pytest.fixture
def server(app) -> Iterator[Server]:
    """Return a server elsewhere that is really there, at a private address that we may ask."""
    running = Server()
    before = app.config["OUTGOING_TO_PRIVATE"]
    app.config["OUTGOING_TO_PRIVATE"] = True
    yield running
    app.config["OUTGOING_TO_PRIVATE"] = before
    running.close()

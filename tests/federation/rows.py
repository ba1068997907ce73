"""One row of each thing that comes from elsewhere."""

import uuid

from marketplace.core.db import session
from marketplace.federation import service
from marketplace.federation.models import (
    CommentState,
    Delivery,
    DeliveryState,
    FederationBlock,
    OutgoingActivity,
    RemoteActor,
    RemoteFollow,
    RemoteReport,
    UpdateComment,
)
from marketplace.federation.rules.reading import Person
from marketplace.projects import service as projects
from marketplace.projects.models import Project
from tests import factories


def make_actor(host: str = "social.example.org", name: str = "ada") -> RemoteActor:
    """Return somebody elsewhere."""
    uri = f"https://{host}/users/{name}"
    person = Person(uri, name, name.title(), uri, f"{uri}/inbox", f"https://{host}/inbox", {})
    return service.keep_actor(person=person, now=factories.NOW)


def rows_of(project: Project, *, reason: str = "spam") -> dict[str, uuid.UUID]:
    """Add a follow, a comment that waits, a complaint, a failed delivery and a block."""
    author = factories.make_user()
    actor, now = make_actor(), factories.NOW
    update = projects.post_update(project=project, author=author, title="News", body="-", now=now)
    activity = OutgoingActivity(project_id=project.id, kind="Create", document={}, created_at=now)
    session.add_all([
        activity,
        RemoteFollow(project_id=project.id, actor_id=actor.id, follow_uri="x", created_at=now),
    ])  # fmt: skip
    session.flush()
    made = {
        "comment": UpdateComment(
            update_id=update.id,
            project_id=project.id,
            actor_id=actor.id,
            uri=f"{actor.uri}/1",
            url=f"{actor.uri}/1",
            html="<p>Well done!</p>",
            state=CommentState.WAITING,
            published_at=now,
            received_at=now,
        ),
        "report": RemoteReport(
            host=actor.host,
            uri=f"{actor.uri}/2",
            about=[f"http://localhost/federation/projects/{project.id}"],
            text="<b>Spam</b>",
            received_at=now,
        ),
        "delivery": Delivery(
            activity_id=activity.id,
            inbox=actor.inbox,
            host=actor.host,
            state=DeliveryState.FAILED,
            attempts=9,
            problem="HTTP 503",
            created_at=now,
            tried_at=now,
        ),
        "block": FederationBlock(
            target="blocked.example.org", reason=reason, by_id=author.id, created_at=now
        ),
    }
    session.add_all(made.values())
    session.commit()
    return {name: row.id for name, row in made.items()}

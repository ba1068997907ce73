"""Who follows the demo's projects from other servers, and what they answered."""

from datetime import timedelta

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import atomic, session
from marketplace.demo.world import OPERATOR, World
from marketplace.federation import service
from marketplace.federation.models import CommentState, RemoteFollow, UpdateComment
from marketplace.federation.rules.reading import Person
from marketplace.projects.models import ProjectUpdate

PEOPLE = (
    # handle, name, host; nobody of them is there: no such host can be
    ("nadia", "Nadia Benali", "lacustre.example"),
    ("tomk", "Tom Kowalczyk", "werkbank.example"),
    ("sofia_r", "Sofia Rinaldi", "piazza.example"),
    ("oduya", "Otieno Oduya", "lacustre.example"),
    ("benevole", "Claire Morel", "piazza.example"),
)
FOLLOWS = {"riwa-springs": 5, "tifawin": 3, "officina-aurora": 2}
ANSWERS = (
    # who, what they wrote, whether the owner has agreed
    (0, "<p>How many homes draw from the new spring? Well done to all who dug.</p>", True),
    (2, "<p>Our school collected for this in May. The children want to see photos!</p>", True),
    (1, "<p>Which pump do you use? We maintain a similar one and have spare seals.</p>", False),
)  # fmt: skip
SPAMMERS = "cheap-followers.example"


def answer(world: World) -> None:
    """Let people on other servers follow projects and answer the first one's newest update."""
    with atomic():
        actors = [
            service.keep_actor(person=_person(handle, name, host), now=world.began_at)
            for handle, name, host in PEOPLE
        ]
        for slug, count in FOLLOWS.items():
            for actor in actors[:count] if slug in world.projects else ():
                session.add(
                    RemoteFollow(
                        project_id=world.projects[slug].id,
                        actor_id=actor.id,
                        follow_uri=f"{actor.uri}#follow-{slug}",
                        created_at=world.began_at,
                    )
                )
        _comment(world, [actor.id for actor in actors])
        operator = session.scalars(sa.select(User).where(User.email == OPERATOR)).one()
        service.block(
            target=SPAMMERS,
            reason="Sent advertisements to three projects",
            by=operator,
            now=world.now - timedelta(days=9),
        )


def _person(handle: str, name: str, host: str) -> Person:
    uri = f"https://{host}/users/{handle}"
    page = f"https://{host}/@{handle}"
    return Person(uri, handle, name, page, f"{uri}/inbox", f"https://{host}/inbox", {})


def _comment(world: World, actors: list[object]) -> None:
    project, owner = world.projects["riwa-springs"], world.owners["riwa-springs"]
    update = session.scalars(
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.project_id == project.id)
        .order_by(ProjectUpdate.published_at.desc())
        .limit(1)
    ).one()
    for place, (who, html, is_shown) in enumerate(ANSWERS):
        handle, _name, host = PEOPLE[who]
        at = min(update.published_at + timedelta(hours=3 + 5 * place), world.now)
        session.add(
            UpdateComment(
                update_id=update.id,
                project_id=project.id,
                actor_id=actors[who],
                uri=f"https://{host}/users/{handle}/posts/{place + 1}",
                url=f"https://{host}/@{handle}/{place + 1}",
                html=html,
                state=CommentState.SHOWN if is_shown else CommentState.WAITING,
                published_at=at,
                received_at=at,
                decided_by_id=owner.id if is_shown else None,
                decided_at=at if is_shown else None,
            )
        )

"""Letters to those who follow a project; which projects have what they need."""

import uuid

from flask import current_app

from marketplace.core import jobs, mail
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.projects import queries, service
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.rules import unfollow_token

AT_ONCE = 200


@task("project_update_mails")
def tell_followers(*, update_id: str, after: str | None) -> None:
    """Enqueue one letter for each follower, two hundred at a time."""
    with atomic():
        update = session.get(ProjectUpdate, uuid.UUID(update_id))
        if update is None:
            return
        last = uuid.UUID(after) if after else None
        followers = queries.list_to_tell(update.project_id, after=last, limit=AT_ONCE)
        for follower in followers:
            jobs.enqueue("project_update_mail", update_id=update_id, user_id=str(follower.id))
        if len(followers) == AT_ONCE:
            jobs.enqueue("project_update_mails", update_id=update_id, after=str(followers[-1].id))


@task("project_update_mail")
def tell_follower(*, update_id: str, user_id: str) -> None:
    """Write to one follower, unless they stopped following meanwhile."""
    update = session.get(ProjectUpdate, uuid.UUID(update_id))
    if update is None:
        return
    follow = queries.find_follow(uuid.UUID(user_id), update.project_id)
    project = session.get_one(Project, update.project_id)
    person = next(iter(queries.list_people([uuid.UUID(user_id)])), None)
    session.rollback()
    if follow is None or person is None:
        return
    base = current_app.config["PUBLIC_URL"]
    mail.send(
        to=person.email,
        kind="project_update",
        locale=person.locale,
        key=f"update-{update.id}-{person.id}",
        person=person,
        project=project,
        update=update,
        link=f"{base}/{person.locale}/projects/{project.slug}/updates/{update.id}",
        stop_link=f"{base}/{person.locale}/unfollow/"
        + unfollow_token(
            current_app.config["SECRET_KEY"], user_id=person.id, project_id=project.id
        ),
    )


@task("recount_projects", every="*/5 * * * *")
def recount_projects() -> None:
    """Recount from the ledger what is confirmed of each goal: who has it all is full."""
    with atomic():
        changed = queries.list_reached()
        if changed:
            service.recount(reached=changed)

"""Letters to the people of quiet projects; which projects have what they need."""

import uuid

from marketplace.core import clock, jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.drafts.jobs import writing_address
from marketplace.projects import queries, service
from marketplace.projects.models import Project
from marketplace.projects.rules import PAUSE_AFTER, REMIND_AFTER


@task("count_givers", every="23 * * * *")
def count_givers() -> None:
    """Count from the book who made each project possible, every hour."""
    with atomic():
        service.count_givers(now=clock.now())


@task("remind_quiet_projects", every="41 7 * * *")
def remind_quiet_projects() -> None:
    """Ask those that told nothing for three months; pause those that were asked in vain."""
    with atomic():
        now = clock.now()
        for project in queries.list_quiet(before=now - REMIND_AFTER):
            if project.reminded_at is None:
                service.remind(project=project, now=now)
            elif project.reminded_at <= now - PAUSE_AFTER:
                service.pause(project=project, now=now)


@task("quiet_project_mails")
def tell_people(*, project_id: str, is_paused: bool) -> None:
    """Enqueue one letter for each of a project's people."""
    with atomic():
        for owner in queries.list_people_of(uuid.UUID(project_id)):
            jobs.enqueue(
                "quiet_project_mail",
                project_id=project_id,
                user_id=str(owner.id),
                is_paused=is_paused,
            )


@task("quiet_project_mail")
def tell_person(*, project_id: str, user_id: str, is_paused: bool) -> None:
    """Write to one of a project's people, unless something was told meanwhile."""
    project = session.get_one(Project, uuid.UUID(project_id))
    person = next(iter(queries.list_people([uuid.UUID(user_id)])), None)
    session.rollback()
    is_told = project.reminded_at is None
    if person is None or is_told:
        return
    mail.send(
        to=person.email,
        kind="quiet_project",
        locale=person.locale,
        key=f"quiet-{project.id}-{person.id}-{project.reminded_at:%Y%m%d}-{is_paused:d}",
        person=person,
        project=project,
        is_paused=is_paused,
        days=PAUSE_AFTER.days,
        reply_to=writing_address(project_id=project.id, user_id=person.id),
        link=public_url(f"/project-desk/{project.slug}#write", person.locale),
    )


@task("recount_projects", every="*/5 * * * *")
def recount_projects() -> None:
    """Recount from the ledger what is confirmed of each goal: who has it all is full."""
    with atomic():
        changed = queries.list_reached()
        if changed:
            service.recount(reached=changed)

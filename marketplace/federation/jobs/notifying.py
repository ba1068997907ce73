"""Letters to a project's people: answers wait to be shown. One a day at most."""

import uuid
from datetime import datetime, timedelta

from marketplace.accounts.models import User
from marketplace.core import clock, jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.drafts.jobs import writing_address
from marketplace.federation import queries, service
from marketplace.federation.models import CommentState
from marketplace.projects import queries as projects
from marketplace.projects.models import Project

TOLD_EVERY = timedelta(days=1)


@task("tell_of_answers", every="*/10 * * * *")
def tell_of_answers() -> None:
    """Tell of answers that came since the last letter, where that is a day ago."""
    with atomic():
        now = clock.now()
        for project_id in queries.list_projects_to_tell(before=now - TOLD_EVERY):
            service.note_told(project_id=project_id, now=now)
            for person in projects.list_people_of(project_id):
                jobs.enqueue(
                    "answers_wait_mail",
                    project_id=str(project_id),
                    user_id=str(person.id),
                    told_at=now.isoformat(),
                )


@task("answers_wait_mail")
def tell_person(*, project_id: str, user_id: str, told_at: str) -> None:
    """Write to one of a project's people, unless all was decided meanwhile."""
    project = session.get_one(Project, uuid.UUID(project_id))
    person = session.get_one(User, uuid.UUID(user_id))
    waiting = queries.count_comments(CommentState.WAITING, project_id=project.id)
    session.rollback()
    if not waiting or not person.is_active:
        return
    mail.send(
        to=person.email,
        kind="answers_wait",
        locale=person.locale,
        key=f"answers-{project.id}-{person.id}-{datetime.fromisoformat(told_at):%Y%m%d%H%M}",
        reply_to=writing_address(project_id=project.id, user_id=person.id),
        person=person,
        project=project,
        waiting=waiting,
        link=public_url(f"/project-desk/{project.slug}/elsewhere", person.locale),
    )

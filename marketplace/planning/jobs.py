"""Letters to a project's people: somebody offers what is needed."""

import uuid

from marketplace.core import jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.errors import NotFound
from marketplace.core.worker import task
from marketplace.following.jobs import optional
from marketplace.planning import queries
from marketplace.projects import queries as projects


@task("need_answer_mails")
def tell_owners(*, answer_id: str) -> None:
    """Enqueue one letter for each of the project's people."""
    with atomic():
        try:
            answer = queries.get_answer(uuid.UUID(answer_id))
        except NotFound:
            return  # taken back
        for owner in projects.list_people_of(answer.need.project_id):
            jobs.enqueue("need_answer_mail", answer_id=answer_id, user_id=str(owner.id))


@task("need_answer_mail")
def tell_owner(*, answer_id: str, user_id: str) -> None:
    """Write to one of them; the address of who answered is never in the letter."""
    try:
        answer = queries.get_answer(uuid.UUID(answer_id))
    except NotFound:
        return
    project = answer.need.project
    owners = projects.list_people_of(project.id)
    session.rollback()
    owner = next((one for one in owners if str(one.id) == user_id), None)
    stop_link = optional("need_answer", owner.id, owner.locale) if owner else None
    if owner is None or stop_link is None:
        return
    mail.send(
        to=owner.email,
        kind="need_answer",
        locale=owner.locale,
        key=f"need-{answer.id}-{owner.id}",
        stop_link=stop_link,
        person=owner,
        answer=answer,
        project=project,
        link=public_url(f"/project-desk/{project.slug}/plan/needs", owner.locale),
    )

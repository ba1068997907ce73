"""What comes out at its time, letters that came in, and letters to owners about both."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from marketplace.accounts.models import User
from marketplace.core import clock, jobs, mail
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic, session
from marketplace.core.errors import DomainError, Invalid
from marketplace.core.worker import task
from marketplace.drafts import queries, service
from marketplace.drafts.models import LetterState, ReceivedLetter, UpdateDraft
from marketplace.drafts.rules.addresses import local_part, publish_token
from marketplace.following import queries as following
from marketplace.following.rules import Kind
from marketplace.projects.models import Project, ProjectUpdate

LETTERS_KEPT_FOR = timedelta(days=90)


def writing_address(*, project_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """Return the address at which somebody writes for a project; empty if no letters come in."""
    domain = current_app.config["MAIL_DOMAIN"]
    if not domain:
        return ""
    with atomic():
        found = service.address_for(project_id=project_id, user_id=user_id, now=clock.now())
        return f"{local_part(current_app.config['SECRET_KEY'], found.id)}@{domain}"


@task("publish_draft")
def publish_draft(*, draft_id: str, at: str) -> None:
    """Publish a draft at the time that was set, unless it is another by now, or it is out."""
    moment = datetime.fromisoformat(at)
    try:
        with atomic():
            draft = queries.lock_due(uuid.UUID(draft_id), moment)
            if draft is None:
                return
            update = service.publish(draft=draft, now=clock.now())
            jobs.enqueue("update_out_mail", update_id=str(update.id))
    except DomainError as error:
        with atomic():
            draft = queries.lock_due(uuid.UUID(draft_id), moment)
            if draft is not None:
                service.give_up(draft=draft, problem=_problem(error))


def _problem(error: DomainError) -> str:
    fields = error.fields if isinstance(error, Invalid) else {}
    return str(next(iter(fields.values()), error.message))


@task("update_out_mail")
def tell_out(*, update_id: str) -> None:
    """Tell whoever wrote an update that it came out."""
    update = session.get(ProjectUpdate, uuid.UUID(update_id))
    if update is None:
        return
    _write(
        "update_out",
        update.project_id,
        update.author_id,
        key=f"out-{update.id}",
        path=f"/projects/{{slug}}/updates/{update.id}",
        update=update,
        followers=following.count_followers(Kind.PROJECT, update.project_id),
    )


@task("draft_stuck_mail")
def tell_stuck(*, draft_id: str, problem: str) -> None:
    """Tell whoever wrote a draft why it did not come out."""
    draft = session.get(UpdateDraft, uuid.UUID(draft_id))
    if draft is None:
        return
    _write(
        "draft_stuck",
        draft.project_id,
        draft.author_id,
        key=f"stuck-{draft.id}-{draft.changed_at:%Y%m%d%H%M%S}",
        path=f"/project-desk/{{slug}}/drafts/{draft.id}",
        draft=draft,
        problem=problem,
    )


@task("read_letter")
def read_letter(*, letter_id: str) -> None:
    """Make a draft of a letter that came."""
    with atomic():
        letter = queries.lock_letter(uuid.UUID(letter_id))
        if letter is not None and letter.state is LetterState.WAITING:
            service.read(letter=letter, now=clock.now())


@task("letter_drafted_mail")
def tell_drafted(*, letter_id: str, left_out: list[str]) -> None:
    """Send the link that publishes what came to the address of the owner: nobody else has it."""
    letter = queries.find_letter(uuid.UUID(letter_id))
    draft = queries.find_draft(letter.draft_id) if letter and letter.draft_id else None
    if letter is None or draft is None:
        return
    token = publish_token(current_app.config["SECRET_KEY"], draft.id)
    _write(
        "letter_drafted",
        draft.project_id,
        letter.address.user_id,
        key=f"drafted-{letter.id}",
        path=f"/publish/{token}",
        draft=draft,
        photos=len(draft.photos),
        left_out=left_out,
    )


@task("letter_refused_mail")
def tell_refused(*, letter_id: str, reason: str) -> None:
    """Tell the owner of an address why their letter became nothing."""
    letter = queries.find_letter(uuid.UUID(letter_id))
    if letter is None:
        return
    _write(
        "letter_refused",
        letter.address.project_id,
        letter.address.user_id,
        key=f"refused-{letter.id}",
        path="/project-desk/{slug}/by-mail",
        reason=reason,
    )


def _write(
    kind: str, project_id: uuid.UUID, user_id: uuid.UUID, *, key: str, path: str, **said: Any
) -> None:  # Any: Jinja's
    """Write to one of a project's people; they can answer with their next update."""
    project = session.get_one(Project, project_id)
    person = session.get_one(User, user_id)
    session.rollback()
    if not person.is_active:
        return
    mail.send(
        to=person.email,
        kind=kind,
        locale=person.locale,
        key=key,
        reply_to=writing_address(project_id=project_id, user_id=user_id),
        person=person,
        project=project,
        link=public_url(path.format(slug=project.slug), person.locale),
        **said,
    )


@task("forget_received_letters", every="29 4 * * *")
def forget_received_letters() -> None:
    """Forget, at night, that letters came three months ago."""
    with atomic():
        session.execute(
            sa.delete(ReceivedLetter).where(
                ReceivedLetter.received_at < clock.now() - LETTERS_KEPT_FOR
            )
        )

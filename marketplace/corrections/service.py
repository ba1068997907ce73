"""Correcting updates and taking them back; what stood there before is kept."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.rich_text import render_markdown
from marketplace.corrections import queries
from marketplace.corrections.models import UpdateVersion
from marketplace.following import service as following
from marketplace.following.rules import NewsKind
from marketplace.media import service as media
from marketplace.projects.models import ProjectUpdate, ProjectUpdatePhoto


class TakenBack(Conflict):
    """There is nothing of it left to change."""

    message = _l("This update was taken back already.")


def correct(
    *,
    project_id: uuid.UUID,
    update_id: uuid.UUID,
    title: str,
    body: str,
    reason: str,
    by: User,
    now: datetime,
) -> ProjectUpdate:
    """Let an update read otherwise, with a reason; everybody can read what it said before.

    :raises Invalid: it reads like that already.
    :raises TakenBack: it was taken back.
    :raises NotFound: it is no update of this project.
    """
    update = _begin(project_id, update_id)
    if (update.title, update.body) == (title, body):
        raise Invalid(fields={"body": _l("It reads like that already.")})
    former = _keep(update, reason, by, now)
    update.title, update.body, update.body_html = title, body, render_markdown(body)
    update.corrected_at, update.note = now, reason
    _end(update, "correct", former, by)
    return update


def take_back(
    *, project_id: uuid.UUID, update_id: uuid.UUID, reason: str, by: User, now: datetime
) -> ProjectUpdate:
    """Take text and photos of an update away; that there was one, and why it went, stays.

    The photos' files stay for who has to look into it, and are served to nobody.

    :raises TakenBack: it was taken back before.
    :raises NotFound: it is no update of this project.
    """
    update = _begin(project_id, update_id)
    former = _keep(update, reason, by, now)
    update.body, update.body_html = "", ""
    update.taken_back_at, update.note = now, reason
    shown = session.scalars(
        sa.delete(ProjectUpdatePhoto)
        .where(ProjectUpdatePhoto.update_id == update.id)
        .returning(ProjectUpdatePhoto.photo_id)
    )
    media.withhold(photo_ids=shown.all(), now=now)
    _end(update, "take_back", former, by)
    return update


def _begin(project_id: uuid.UUID, update_id: uuid.UUID) -> ProjectUpdate:
    update = queries.lock_update(project_id, update_id)
    if update.taken_back_at is not None:
        raise TakenBack
    return update


def _keep(update: ProjectUpdate, reason: str, by: User, now: datetime) -> UpdateVersion:
    former = UpdateVersion(
        id=new_id(),
        update_id=update.id,
        title=update.title,
        body=update.body,
        body_html=update.body_html,
        reason=reason,
        replaced_at=now,
        replaced_by_id=by.id,
    )
    session.add(former)
    return former


def _end(update: ProjectUpdate, what: str, former: UpdateVersion, by: User) -> None:
    """Write down who did it, and tell those who heard of it here and on other servers."""
    now, reason = former.replaced_at, former.reason
    accounts.record(
        actor=by,
        action=f"update.{what}",
        subject_kind="project",
        subject_id=update.project_id,
        reason=reason,
        now=now,
    )
    session.flush()
    following.tell(
        kind=NewsKind.CORRECTION,
        subject_id=former.id,
        project_id=update.project_id,
        person_id=by.id,
        at=now,
    )
    jobs.enqueue("federate_update", lock=f"update-{update.id}", update_id=str(update.id))

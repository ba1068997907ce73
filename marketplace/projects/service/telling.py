"""What projects tell."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.rich_text import render_markdown
from marketplace.following import service as following
from marketplace.following.rules import NewsKind
from marketplace.media.models import Photo
from marketplace.projects.models import (
    Project,
    ProjectState,
    ProjectUpdate,
    ProjectUpdatePhoto,
)
from marketplace.projects.service.spending import Spent, spend


def post_update(
    *,
    project: Project,
    author: User,
    title: str,
    body: str,
    photos: Sequence[Photo] = (),
    spent: Spent | None = None,
    is_setback: bool = False,
    language: str = "",
    now: datetime,
) -> ProjectUpdate:
    """Publish an update at once, and tell the followers by letter afterwards.

    :param language: in which it is written; the author's own where nothing is said.
    """
    update = ProjectUpdate(
        id=new_id(),
        project_id=project.id,
        author_id=author.id,
        title=title,
        body=body,
        body_html=render_markdown(body),
        published_at=now,
        is_setback=is_setback,
        language=language or author.locale,
    )
    _wake(project)
    session.add(update)
    session.flush()
    for place, photo in enumerate(photos):
        session.add(ProjectUpdatePhoto(update_id=update.id, photo_id=photo.id, position=place))
    if spent is not None:
        spend(project=project, by=author, spent=spent, update_id=update.id, now=now)
    session.flush()
    following.tell(
        kind=NewsKind.UPDATE,
        subject_id=update.id,
        project_id=project.id,
        person_id=author.id,
        at=now,
    )
    jobs.enqueue("federate_update", lock=f"update-{update.id}", update_id=str(update.id))
    return update


def _wake(project: Project) -> None:
    """Let a project that was paused because it told nothing be chosen again."""
    session.execute(
        sa.update(Project)
        .where(
            Project.id == project.id,
            sa.or_(Project.state == ProjectState.PAUSED, Project.reminded_at.is_not(None)),
        )
        .values(
            reminded_at=None,
            state=sa.case(
                (Project.state == ProjectState.PAUSED, ProjectState.OPEN), else_=Project.state
            ),
        )
    )

"""Reads of projects as the checkout shows them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.media.models import Photo
from marketplace.projects.models import Cause, Project, ProjectState


@dataclass(frozen=True)
class Choosable:
    """A project as the checkout shows it."""

    id: uuid.UUID
    slug: str
    title: str
    organisation: str
    place: str
    goal_minor: int
    currency: str
    photo_key: str | None
    photo_widths: list[int] | None


def _choosable(currency: str) -> sa.Select[*tuple[Any, ...]]:  # Any: the columns of Choosable
    return (
        sa.select(
            Project.id,
            Project.slug,
            Project.title,
            Project.organisation,
            Project.place,
            Project.goal_minor,
            Project.currency,
            Photo.key,
            Photo.widths,
        )
        .outerjoin(Photo, Photo.id == Project.photo_id)
        .where(Project.state == ProjectState.OPEN, Project.currency == currency)
    )


def list_choosable(project_ids: Sequence[uuid.UUID], currency: str) -> dict[uuid.UUID, Choosable]:
    """Return those of some projects that can be chosen now, in the order given."""
    rows = session.execute(_choosable(currency).where(Project.id.in_(project_ids)))
    found = {row.id: Choosable(*row) for row in rows}
    return {project: found[project] for project in project_ids if project in found}


def search_choosable(
    currency: str, *, words: str = "", cause: str = "", limit: int = 24
) -> list[Choosable]:
    """Return projects that can be chosen, the newest first, by words and a cause's slug."""
    query = _choosable(currency).order_by(Project.created_at.desc(), Project.id.desc())
    for word in words.split()[:6]:
        query = query.where(
            sa.or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Project.title, Project.organisation, Project.place)
                )
            )
        )
    if cause:
        query = query.join(Cause, Cause.id == Project.cause_id).where(Cause.slug == cause)
    return [Choosable(*row) for row in session.execute(query.limit(limit))]


def list_causes() -> Sequence[Cause]:
    """Return the themes of projects."""
    return session.scalars(sa.select(Cause).order_by(Cause.position, Cause.slug)).all()

"""Reads of what is ours: keys, projects and updates as others may know of them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import session
from marketplace.core.paging import Page, page_of
from marketplace.federation.models import FederationKey, OutgoingActivity
from marketplace.projects.models import Project, ProjectState, ProjectUpdate
from marketplace.projects.rules import PUBLIC_STATES

PER_PAGE = 20
_PUBLIC = [ProjectState(state) for state in PUBLIC_STATES]


def find_key(project_id: uuid.UUID | None) -> FederationKey | None:
    """Return the key pair of a project, or of the whole site."""
    return session.scalar(
        sa.select(FederationKey).where(
            FederationKey.project_id == project_id
            if project_id
            else FederationKey.project_id.is_(None)
        )
    )


def find_project(project_id: uuid.UUID) -> Project | None:
    """Return a project that everybody may know of."""
    return session.scalar(
        sa.select(Project)
        .where(Project.id == project_id, Project.state.in_(_PUBLIC))
        .options(joinedload(Project.photo))
    )


def find_project_by_slug(slug: str) -> Project | None:
    """Return a project that everybody may know of, by the end of its address."""
    return session.scalar(
        sa.select(Project)
        .where(Project.slug == slug, Project.state.in_(_PUBLIC))
        .options(joinedload(Project.photo))
    )


def find_update(update_id: uuid.UUID) -> ProjectUpdate | None:
    """Return an update that everybody may read, with its project and photos."""
    return session.scalar(
        sa.select(ProjectUpdate)
        .join(Project)
        .where(
            ProjectUpdate.id == update_id,
            ProjectUpdate.taken_back_at.is_(None),
            Project.state.in_(_PUBLIC),
        )
        .options(joinedload(ProjectUpdate.project), selectinload(ProjectUpdate.photos))
        .execution_options(populate_existing=True)
    )


def list_told(
    project_id: uuid.UUID, *, after: tuple[datetime, uuid.UUID] | None = None
) -> Page[ProjectUpdate]:
    """Return a page of a project's updates with photos, the newest first."""
    query = (
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.project_id == project_id, ProjectUpdate.taken_back_at.is_(None))
        .options(selectinload(ProjectUpdate.photos))
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
        .limit(PER_PAGE + 1)
    )
    if after:
        key = sa.tuple_(ProjectUpdate.published_at, ProjectUpdate.id)
        query = query.where(key < sa.tuple_(*map(sa.literal, after)))
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (row.published_at, row.id))


def count_updates(project_id: uuid.UUID) -> int:
    """Return how many updates a project has posted."""
    counted = sa.select(sa.func.count()).select_from(ProjectUpdate)
    told = (ProjectUpdate.project_id == project_id, ProjectUpdate.taken_back_at.is_(None))
    return session.scalar(counted.where(*told)) or 0


def count_site() -> tuple[int, int]:
    """Return how many projects can be followed, and how many updates there are."""
    projects = sa.select(sa.func.count()).select_from(Project).where(Project.state.in_(_PUBLIC))
    updates = sa.select(sa.func.count()).select_from(ProjectUpdate)
    row = session.execute(sa.select(projects.scalar_subquery(), updates.scalar_subquery())).one()
    return int(row[0]), int(row[1])


def find_last_activity(update_id: uuid.UUID) -> OutgoingActivity | None:
    """Return what was last told of an update."""
    return session.scalar(
        sa.select(OutgoingActivity)
        .where(OutgoingActivity.update_id == update_id)
        .order_by(OutgoingActivity.id.desc())
        .limit(1)
    )

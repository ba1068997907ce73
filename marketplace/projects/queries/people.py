"""Who answers for a project."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.projects.models import Project, ProjectOwner


def list_owned(user_id: uuid.UUID) -> Sequence[Project]:
    """Return the projects that somebody answers for."""
    return session.scalars(
        sa.select(Project)
        .join(ProjectOwner, ProjectOwner.project_id == Project.id)
        .where(ProjectOwner.user_id == user_id)
        .order_by(Project.title)
    ).all()


def list_people(user_ids: Sequence[uuid.UUID]) -> Sequence[User]:
    """Return people by their ids."""
    return session.scalars(sa.select(User).where(User.id.in_(user_ids))).all()


def list_people_of(project_id: uuid.UUID) -> Sequence[User]:
    """Return who answers for a project and may sign in."""
    return session.scalars(
        sa.select(User)
        .join(ProjectOwner, ProjectOwner.user_id == User.id)
        .where(ProjectOwner.project_id == project_id, User.blocked_at.is_(None))
        .order_by(User.id)
    ).all()

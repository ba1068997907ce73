"""Who follows a project and who answers for it."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.projects.models import Follow, Project, ProjectOwner


def count_followers(project_id: uuid.UUID) -> int:
    """Return how many people follow a project."""
    return (
        session.scalar(
            sa.select(sa.func.count()).select_from(Follow).where(Follow.project_id == project_id)
        )
        or 0
    )


def find_follow(user_id: uuid.UUID, project_id: uuid.UUID) -> Follow | None:
    """Return whether and how somebody follows a project."""
    return session.get(Follow, (user_id, project_id))


def list_followed(user_id: uuid.UUID) -> Sequence[Project]:
    """Return the projects that somebody follows."""
    return session.scalars(
        sa.select(Project)
        .join(Follow, Follow.project_id == Project.id)
        .where(Follow.user_id == user_id)
        .order_by(Project.title)
    ).all()


def list_owned(user_id: uuid.UUID) -> Sequence[Project]:
    """Return the projects that somebody answers for."""
    return session.scalars(
        sa.select(Project)
        .join(ProjectOwner, ProjectOwner.project_id == Project.id)
        .where(ProjectOwner.user_id == user_id)
        .order_by(Project.title)
    ).all()


def list_to_tell(
    project_id: uuid.UUID, *, after: uuid.UUID | None, limit: int = 200
) -> Sequence[User]:
    """Return followers who want letters, in order of id."""
    query = (
        sa.select(User)
        .join(Follow, Follow.user_id == User.id)
        .where(
            Follow.project_id == project_id,
            Follow.by_mail,
            User.blocked_at.is_(None),
            User.email_confirmed_at.is_not(None),
        )
        .order_by(User.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(User.id > after)
    return session.scalars(query).all()


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

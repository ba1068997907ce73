"""Reads of remembered choices and of where unchosen money goes."""

import uuid

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.giving.models import DefaultProject, Preference
from marketplace.projects.models import Project, ProjectState


def list_preferred(user_id: uuid.UUID) -> list[tuple[uuid.UUID, int]]:
    """Return what a shopper chose last, as far as it can still be chosen: project, weight."""
    rows = session.execute(
        sa.select(Preference.project_id, Preference.weight)
        .join(Project, Project.id == Preference.project_id)
        .where(Preference.user_id == user_id, Project.state == ProjectState.OPEN)
        .order_by(Preference.position)
    )
    return [(project, weight) for project, weight in rows]


def list_defaults(company_id: uuid.UUID) -> list[tuple[Project, int]]:
    """Return a company's default projects in their order, whatever their state: project, weight."""
    rows = session.execute(
        sa.select(Project, DefaultProject.weight)
        .join(DefaultProject, DefaultProject.project_id == Project.id)
        .where(DefaultProject.company_id == company_id)
        .order_by(DefaultProject.position, DefaultProject.project_id)
    )
    return [(project, weight) for project, weight in rows]

"""Reads of what updates said before."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.corrections.models import UpdateVersion
from marketplace.projects.models import ProjectUpdate

MOST_SHOWN = 50


def lock_update(project_id: uuid.UUID, update_id: uuid.UUID) -> ProjectUpdate:
    """Return an update of a project, held until the commit.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.id == update_id, ProjectUpdate.project_id == project_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_versions(update_id: uuid.UUID) -> Sequence[UpdateVersion]:
    """Return what an update said before and who changed it, the latest first."""
    return session.scalars(
        sa.select(UpdateVersion)
        .where(UpdateVersion.update_id == update_id)
        .options(joinedload(UpdateVersion.replaced_by))
        .order_by(UpdateVersion.id.desc())
        .limit(MOST_SHOWN)
    ).all()

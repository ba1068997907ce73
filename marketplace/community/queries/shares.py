"""Reads of links to what somebody gave, and of what the projects told in a year."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.community.models import ImpactShare
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.rules import PUBLIC_STATES

MOST_UPDATES = 12


def find_share(user_id: uuid.UUID) -> ImpactShare | None:
    """Return a person's link, if they made one."""
    return session.get(ImpactShare, user_id, populate_existing=True)


def get_shared(token: str) -> ImpactShare:
    """Return a link with whose it is.

    :raises NotFound: there is none, it was revoked or made anew, or the account is closed.
    """
    found = session.scalar(
        sa.select(ImpactShare)
        .join(ImpactShare.user)
        .where(ImpactShare.token == token, User.blocked_at.is_(None))
        .options(joinedload(ImpactShare.user))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_told(
    project_ids: Collection[uuid.UUID], since: datetime, until: datetime
) -> Sequence[ProjectUpdate]:
    """Return what some projects told between two moments, the newest first, with the projects."""
    return session.scalars(
        sa.select(ProjectUpdate)
        .join(Project)
        .where(
            Project.id.in_(project_ids),
            Project.state.in_(PUBLIC_STATES),
            ProjectUpdate.taken_back_at.is_(None),
            ProjectUpdate.published_at >= since,
            ProjectUpdate.published_at < until,
        )
        .options(joinedload(ProjectUpdate.project))
        .order_by(ProjectUpdate.published_at.desc(), ProjectUpdate.id.desc())
        .limit(MOST_UPDATES)
    ).all()

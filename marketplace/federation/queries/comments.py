"""Reads of what was answered from elsewhere, and of complaints."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.federation.models import AnswerNotice, CommentState, RemoteReport, UpdateComment

PER_PAGE = 30
MOST_SHOWN = 100


def list_shown(update_id: uuid.UUID) -> Sequence[UpdateComment]:
    """Return the comments on an update that everybody may read, with their authors."""
    return session.scalars(
        sa.select(UpdateComment)
        .where(UpdateComment.update_id == update_id, UpdateComment.state == CommentState.SHOWN)
        .options(joinedload(UpdateComment.actor))
        .order_by(UpdateComment.published_at, UpdateComment.id)
        .limit(MOST_SHOWN)
    ).all()


def list_to_decide(
    state: CommentState, *, project_id: uuid.UUID | None = None, before: uuid.UUID | None = None
) -> Page[UpdateComment]:
    """Return comments of one project or of all, with author, update and project; newest first."""
    query = (
        sa.select(UpdateComment)
        .where(UpdateComment.state == state)
        .options(
            joinedload(UpdateComment.actor),
            joinedload(UpdateComment.update),
            joinedload(UpdateComment.project),
        )
        .order_by(UpdateComment.id.desc())
        .limit(PER_PAGE + 1)
    )
    if project_id is not None:
        query = query.where(UpdateComment.project_id == project_id)
    if before is not None:
        query = query.where(UpdateComment.id < before)
    return page_of(session.scalars(query).all(), PER_PAGE, lambda row: (row.id,))


def count_comments(state: CommentState, *, project_id: uuid.UUID) -> int:
    """Return how many comments of a project are in a state."""
    counted = sa.select(sa.func.count()).select_from(UpdateComment)
    condition = (UpdateComment.project_id == project_id, UpdateComment.state == state)
    return session.scalar(counted.where(*condition)) or 0


def lock_comment(comment_id: uuid.UUID, *, project_id: uuid.UUID | None = None) -> UpdateComment:
    """Return a comment, of this project if one is named, held until the commit.

    :raises NotFound: there is none.
    """
    query = sa.select(UpdateComment).where(UpdateComment.id == comment_id)
    if project_id is not None:
        query = query.where(UpdateComment.project_id == project_id)
    found = session.scalar(
        query.options(joinedload(UpdateComment.actor))
        .with_for_update(of=UpdateComment)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_reports(limit: int = 50) -> Sequence[RemoteReport]:
    """Return complaints that nobody has looked at, the oldest first."""
    return session.scalars(
        sa.select(RemoteReport)
        .where(RemoteReport.closed_at.is_(None))
        .order_by(RemoteReport.id)
        .limit(limit)
    ).all()


def lock_report(report_id: uuid.UUID) -> RemoteReport:
    """Return a complaint, held until the commit.

    :raises NotFound: there is none that is open.
    """
    found = session.get(RemoteReport, report_id, with_for_update=True, populate_existing=True)
    if found is None or found.closed_at is not None:
        raise NotFound
    return found


def list_projects_to_tell(*, before: datetime, limit: int = 200) -> Sequence[uuid.UUID]:
    """Return projects with answers that came since their people were told, if told before then."""
    told = sa.func.coalesce(AnswerNotice.told_at, datetime.min.replace(tzinfo=UTC))
    return session.scalars(
        sa.select(UpdateComment.project_id)
        .outerjoin(AnswerNotice, AnswerNotice.project_id == UpdateComment.project_id)
        .where(
            UpdateComment.state == CommentState.WAITING,
            UpdateComment.received_at > told,
            told <= before,
        )
        .distinct()
        .limit(limit)
    ).all()

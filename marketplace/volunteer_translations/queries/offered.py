"""Reads of what was offered: drafts, what waits, what is shown, what was."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.projects.models import ProjectOwner, ProjectUpdate
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState

MOST_ON_DESK = 100
MOST_IN_HISTORY = 100
PER_PAGE = 20


def lock_update(update_id: uuid.UUID) -> ProjectUpdate:
    """Return an update, held until the commit: what is shown of it is decided one by one."""
    return session.scalars(
        sa.select(ProjectUpdate)
        .where(ProjectUpdate.id == update_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def lock_translation(translation_id: uuid.UUID) -> UpdateTranslation:
    """Return a translation as it is now, held until the commit."""
    return session.scalars(
        sa.select(UpdateTranslation)
        .where(UpdateTranslation.id == translation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


_EVERYTHING = (
    joinedload(UpdateTranslation.translator),
    joinedload(UpdateTranslation.ended_by),
    joinedload(UpdateTranslation.update).options(
        joinedload(ProjectUpdate.project), selectinload(ProjectUpdate.photos)
    ),
)


def find_translation(translation_id: uuid.UUID) -> UpdateTranslation | None:
    """Return a translation with its original, who wrote it and who ended it."""
    return session.scalar(
        sa.select(UpdateTranslation)
        .where(UpdateTranslation.id == translation_id)
        .options(*_EVERYTHING)
        .execution_options(populate_existing=True)
    )


def get_of_project(project_id: uuid.UUID, translation_id: uuid.UUID) -> UpdateTranslation:
    """Return what somebody offered of a project's updates.

    :raises NotFound: there is none, or it is somebody's draft.
    """
    found = find_translation(translation_id)
    if (
        found is None
        or found.update.project_id != project_id
        or found.state is TranslationState.DRAFT
    ):
        raise NotFound
    return found


def get_own(user_id: uuid.UUID, translation_id: uuid.UUID) -> UpdateTranslation:
    """Return somebody's own translation.

    :raises NotFound: it is not theirs.
    """
    found = find_translation(translation_id)
    if found is None or found.translator_id != user_id:
        raise NotFound
    return found


def find_draft(update_id: uuid.UUID, language: str, user_id: uuid.UUID) -> UpdateTranslation | None:
    """Return what somebody writes and has not offered yet."""
    return session.scalar(
        sa.select(UpdateTranslation)
        .where(
            UpdateTranslation.update_id == update_id,
            UpdateTranslation.language == language,
            UpdateTranslation.translator_id == user_id,
            UpdateTranslation.state == TranslationState.DRAFT,
        )
        .execution_options(populate_existing=True)
    )


def find_to_begin_with(
    update_id: uuid.UUID, language: str, user_id: uuid.UUID
) -> UpdateTranslation | None:
    """Return what somebody goes on with: their draft, else their last one, else what is shown."""
    is_own = UpdateTranslation.translator_id == user_id
    is_shown = UpdateTranslation.state == TranslationState.PUBLISHED
    return session.scalar(
        sa.select(UpdateTranslation)
        .where(
            UpdateTranslation.update_id == update_id,
            UpdateTranslation.language == language,
            sa.or_(is_own, is_shown),
        )
        .order_by(
            (UpdateTranslation.state == TranslationState.DRAFT).desc(),
            is_own.desc(),
            UpdateTranslation.id.desc(),
        )
        .limit(1)
        .execution_options(populate_existing=True)
    )


def find_in(
    update_id: uuid.UUID,
    language: str,
    state: TranslationState,
    user_id: uuid.UUID | None = None,
) -> UpdateTranslation | None:
    """Return the one in a language that is shown, or that waits and is somebody's."""
    query = sa.select(UpdateTranslation).where(
        UpdateTranslation.update_id == update_id,
        UpdateTranslation.language == language,
        UpdateTranslation.state == state,
    )
    if user_id is not None:
        query = query.where(UpdateTranslation.translator_id == user_id)
    return session.scalar(query.execution_options(populate_existing=True))


def _of_project(project_id: uuid.UUID, state: TranslationState) -> sa.Select[UpdateTranslation]:
    return (
        sa.select(UpdateTranslation)
        .join(ProjectUpdate, ProjectUpdate.id == UpdateTranslation.update_id)
        .where(
            ProjectUpdate.project_id == project_id,
            ProjectUpdate.taken_back_at.is_(None),
            UpdateTranslation.state == state,
        )
    )


def list_for_desk(project_id: uuid.UUID, state: TranslationState) -> Sequence[UpdateTranslation]:
    """Return a project's translations that wait, the oldest first, or are shown, the newest."""
    moment = UpdateTranslation.written_at
    return session.scalars(
        _of_project(project_id, state)
        .options(joinedload(UpdateTranslation.translator), joinedload(UpdateTranslation.update))
        .order_by(moment if state is TranslationState.WAITING else moment.desc())
        .limit(MOST_ON_DESK)
        .execution_options(populate_existing=True)
    ).all()


def count_waiting(project_id: uuid.UUID) -> int:
    """Return how many translations wait for a project's people."""
    waiting = _of_project(project_id, TranslationState.WAITING)
    return session.scalar(waiting.with_only_columns(sa.func.count())) or 0


def list_history(update_id: uuid.UUID) -> Sequence[UpdateTranslation]:
    """Return every translation of an update that everybody could once read, the newest first."""
    return session.scalars(
        sa.select(UpdateTranslation)
        .where(
            UpdateTranslation.update_id == update_id,
            UpdateTranslation.published_at.is_not(None),
        )
        .options(joinedload(UpdateTranslation.translator), joinedload(UpdateTranslation.ended_by))
        .order_by(UpdateTranslation.published_at.desc(), UpdateTranslation.id.desc())
        .limit(MOST_IN_HISTORY)
    ).all()


def list_own(user_id: uuid.UUID, *, after: uuid.UUID | None = None) -> Page[UpdateTranslation]:
    """Return what somebody translated, the newest first."""
    query = (
        sa.select(UpdateTranslation)
        .where(UpdateTranslation.translator_id == user_id)
        .options(joinedload(UpdateTranslation.update).joinedload(ProjectUpdate.project))
        .order_by(UpdateTranslation.id.desc())
        .limit(PER_PAGE + 1)
        .execution_options(populate_existing=True)
    )
    if after is not None:
        query = query.where(UpdateTranslation.id < after)
    return page_of(session.scalars(query).all(), PER_PAGE, lambda row: (row.id,))


def list_people(project_id: uuid.UUID) -> Sequence[User]:
    """Return everybody who answers for a project."""
    return session.scalars(
        sa.select(User)
        .join(ProjectOwner, ProjectOwner.user_id == User.id)
        .where(ProjectOwner.project_id == project_id, User.blocked_at.is_(None))
        .order_by(ProjectOwner.created_at, User.id)
    ).all()

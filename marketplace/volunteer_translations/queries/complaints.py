"""Reads of what readers complain of, and of what the operator looks at."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.projects.models import ProjectUpdate
from marketplace.volunteer_translations.models import TranslationComplaint, UpdateTranslation
from marketplace.volunteer_translations.policies import may_be_complained_of
from marketplace.volunteer_translations.queries.offered import find_translation
from marketplace.volunteer_translations.rules import TranslationState

MOST_COMPLAINTS = 50
MOST_TAKEN_DOWN = 20
_OF = joinedload(UpdateTranslation.update).joinedload(ProjectUpdate.project)
_IS_OPEN = TranslationComplaint.settled_at.is_(None)


def get_readable(
    project_id: uuid.UUID, update_id: uuid.UUID, translation_id: uuid.UUID
) -> UpdateTranslation:
    """Return a translation that everybody can read, now or among what was shown before.

    :raises NotFound: there is none of this update, or nobody reads it.
    """
    found = find_translation(translation_id)
    if (
        found is None
        or found.update_id != update_id
        or found.update.project_id != project_id
        or not may_be_complained_of(found, found.update)
    ):
        raise NotFound
    return found


def get_offered(translation_id: uuid.UUID) -> UpdateTranslation:
    """Return what somebody offered, whatever became of it.

    :raises NotFound: there is none, or it is somebody's draft.
    """
    found = find_translation(translation_id)
    if found is None or found.state is TranslationState.DRAFT:
        raise NotFound
    return found


def list_complaints() -> Sequence[TranslationComplaint]:
    """Return complaints that wait for the operator, the oldest first."""
    return session.scalars(
        sa.select(TranslationComplaint)
        .where(_IS_OPEN)
        .options(
            joinedload(TranslationComplaint.by),
            joinedload(TranslationComplaint.translation).options(
                _OF, joinedload(UpdateTranslation.translator)
            ),
        )
        .order_by(TranslationComplaint.made_at, TranslationComplaint.translation_id)
        .limit(MOST_COMPLAINTS)
    ).all()


def list_complaints_of(translation_id: uuid.UUID) -> Sequence[TranslationComplaint]:
    """Return every complaint of a translation, the oldest first."""
    return session.scalars(
        sa.select(TranslationComplaint)
        .where(TranslationComplaint.translation_id == translation_id)
        .options(joinedload(TranslationComplaint.by))
        .order_by(TranslationComplaint.made_at, TranslationComplaint.by_id)
        .limit(MOST_COMPLAINTS)
    ).all()


def list_taken_down() -> Sequence[UpdateTranslation]:
    """Return what was taken down last, by the operator or by a project's people."""
    return session.scalars(
        sa.select(UpdateTranslation)
        .where(UpdateTranslation.state == TranslationState.TAKEN_DOWN)
        .options(_OF, joinedload(UpdateTranslation.ended_by))
        .order_by(UpdateTranslation.ended_at.desc())
        .limit(MOST_TAKEN_DOWN)
    ).all()


def list_offered_in(update_id: uuid.UUID, language: str) -> Sequence[UpdateTranslation]:
    """Return everything that was offered of an update in a language, the newest first."""
    return session.scalars(
        sa.select(UpdateTranslation)
        .where(
            UpdateTranslation.update_id == update_id,
            UpdateTranslation.language == language,
            UpdateTranslation.state != TranslationState.DRAFT,
        )
        .options(joinedload(UpdateTranslation.translator))
        .order_by(UpdateTranslation.id.desc())
        .limit(MOST_COMPLAINTS)
    ).all()

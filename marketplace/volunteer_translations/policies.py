"""Who may do what with an update in another language."""

from collections.abc import Collection

from marketplace.projects.models import ProjectOwner, ProjectUpdate
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState, languages_for

WITHDRAWN_FROM = (TranslationState.WAITING, TranslationState.PUBLISHED)
READ_BY_ALL = (TranslationState.PUBLISHED, TranslationState.REPLACED)
"""What was published can be read until it is withdrawn or taken down."""


def may_be_translated(update: ProjectUpdate, language: str, languages: Collection[str]) -> bool:
    """Say whether an update can be offered in a language: any reader who signed in may do it."""
    return update.taken_back_at is None and language in languages_for(update.language, languages)


def may_decide(membership: ProjectOwner | None) -> bool:
    """Say whether somebody decides what is shown: the project's own people do."""
    return membership is not None


def may_withdraw(translation: UpdateTranslation, user_id: object) -> bool:
    """Say whether somebody may take back what they offered."""
    return translation.translator_id == user_id and translation.state in WITHDRAWN_FROM


def is_read_by_all(translation: UpdateTranslation) -> bool:
    """Say whether everybody can read a translation, now or among what was shown before."""
    return translation.published_at is not None and translation.state in READ_BY_ALL


def may_be_complained_of(translation: UpdateTranslation, update: ProjectUpdate) -> bool:
    """Say whether there is something to tell the operator of: any reader who signed in may."""
    return update.taken_back_at is None and is_read_by_all(translation)

"""Who may do what with an update in another language."""

from collections.abc import Collection

from marketplace.projects.models import ProjectOwner, ProjectUpdate
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState, languages_for

WITHDRAWN_FROM = (TranslationState.WAITING, TranslationState.PUBLISHED)


def may_be_translated(update: ProjectUpdate, language: str, languages: Collection[str]) -> bool:
    """Say whether an update can be offered in a language: any reader who signed in may do it."""
    return update.taken_back_at is None and language in languages_for(update.language, languages)


def may_decide(membership: ProjectOwner | None) -> bool:
    """Say whether somebody decides what is shown: the project's own people do."""
    return membership is not None


def may_withdraw(translation: UpdateTranslation, user_id: object) -> bool:
    """Say whether somebody may take back what they offered."""
    return translation.translator_id == user_id and translation.state in WITHDRAWN_FROM

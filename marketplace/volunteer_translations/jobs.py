"""Letters about translations: to a project's people, to volunteers, to who complained."""

import uuid

from marketplace.accounts.models import User
from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.db import session
from marketplace.core.worker import task
from marketplace.following.jobs import optional
from marketplace.volunteer_translations import queries
from marketplace.volunteer_translations.rules import TranslationState


@task("translation_offered_mails")
def translation_offered_mails(*, translation_id: str) -> None:
    """Tell a project's people that a translation waits for them."""
    found = queries.find_translation(uuid.UUID(translation_id))
    if found is None or found.state is not TranslationState.WAITING:
        return
    project = found.update.project
    for user in queries.list_people(project.id):
        stop_link = optional("translation_offered", user.id, user.locale)
        if stop_link is None:
            continue
        mail.send(
            to=user.email,
            kind="translation_offered",
            locale=user.locale,
            key=f"translation-offered-{found.id}-{user.id}",
            stop_link=stop_link,
            translation=found,
            project=project,
            link=public_url(f"/project-desk/{project.slug}/translations/{found.id}", user.locale),
        )


@task("translation_settled_mail")
def translation_settled_mail(*, translation_id: str, state: str) -> None:
    """Tell a volunteer that their translation is published, refused or taken down."""
    found = queries.find_translation(uuid.UUID(translation_id))
    if found is None or not found.translator.is_active or found.is_own:
        return
    user, project = found.translator, found.update.project
    stop_link = optional("translation_settled", user.id, user.locale)
    if stop_link is None:
        return
    is_published = state == TranslationState.PUBLISHED
    page = f"/projects/{project.slug}/updates/{found.update_id}?in={found.language}"
    mail.send(
        to=user.email,
        kind="translation_settled",
        locale=user.locale,
        key=f"translation-{state}-{found.id}",
        stop_link=stop_link,
        translation=found,
        project=project,
        state=state,
        link=public_url(page if is_published else "/account/translations", user.locale),
    )


@task("translation_taken_down_mails")
def translation_taken_down_mails(*, translation_id: str) -> None:
    """Tell a project's people that the operator took a translation down."""
    found = queries.find_translation(uuid.UUID(translation_id))
    if found is None or found.state is not TranslationState.TAKEN_DOWN:
        return
    project = found.update.project
    for user in queries.list_people(project.id):
        if user.id == found.translator_id and not found.is_own:
            continue  # they have the letter to who translated
        mail.send(
            to=user.email,
            kind="translation_taken_down",
            locale=user.locale,
            key=f"translation-taken-down-{found.id}-{user.id}",
            translation=found,
            project=project,
            link=public_url(f"/project-desk/{project.slug}/translations/{found.id}", user.locale),
        )


@task("translation_complaint_mail")
def translation_complaint_mail(
    *, translation_id: str, user_id: str, is_taken_down: bool, reason: str, key: str
) -> None:
    """Tell a reader what became of the translation that they complained of, and why."""
    found = queries.find_translation(uuid.UUID(translation_id))
    user = session.get_one(User, uuid.UUID(user_id))
    if found is None or not user.is_active:
        return
    stop_link = optional("translation_complaint", user.id, user.locale)
    if stop_link is None:
        return
    project = found.update.project
    page = f"/projects/{project.slug}/updates/{found.update_id}"
    mail.send(
        to=user.email,
        kind="translation_complaint",
        locale=user.locale,
        key=f"translation-complaint-{found.id}-{user.id}-{key}",
        stop_link=stop_link,
        translation=found,
        project=project,
        is_taken_down=is_taken_down,
        reason=reason,
        link=public_url(page if is_taken_down else f"{page}?in={found.language}", user.locale),
    )

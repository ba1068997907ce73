"""Keeping, offering, publishing and ending translations; what was offered stays as it was."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import LANGUAGES, _l
from marketplace.core.ids import new_id
from marketplace.core.rich_text import render_markdown
from marketplace.projects.models import ProjectUpdate
from marketplace.volunteer_translations import policies, queries
from marketplace.volunteer_translations.models import TranslationComplaint, UpdateTranslation
from marketplace.volunteer_translations.rules import Picture, Said, TranslationState, wording_at


class NotTranslatable(Conflict):
    """The original is gone, or is in that language."""

    message = _l("This update cannot be translated: it was taken back, or is in that language.")


class Settled(Conflict):
    """Somebody else was faster."""

    message = _l("This translation was published, refused or withdrawn already.")


def keep(
    *,
    update: ProjectUpdate,
    language: str,
    said: Said,
    read_at: datetime,
    by: User,
    now: datetime,
) -> UpdateTranslation:
    """Keep what somebody has translated so far, as a draft that nobody else sees.

    :param read_at: since when the original reads as they were shown it
    :raises NotTranslatable: there is nothing to translate into that language.
    """
    known = {str(photo.id) for photo in update.photos}
    update = queries.lock_update(update.id)  # of two that are kept at once one changes the other
    _check(update, language)
    present = _wording_of(update)
    draft = queries.find_draft(update.id, language, by.id)
    if draft is None:
        draft = UpdateTranslation(
            id=new_id(),
            update_id=update.id,
            language=language,
            translator_id=by.id,
            state=TranslationState.DRAFT,
            wording_at=present if read_at == present else update.published_at,
        )
        session.add(draft)
    elif read_at == present:
        draft.wording_at = present
    draft.title, draft.body, draft.body_html = said.title, said.body, render_markdown(said.body)
    draft.pictures = _pictures(said.pictures, known)
    draft.written_at = now
    session.flush()
    return draft


def _check(update: ProjectUpdate, language: str) -> None:
    if not policies.may_be_translated(update, language, LANGUAGES):
        raise NotTranslatable


def _wording_of(update: ProjectUpdate) -> datetime:
    return wording_at(update.published_at, update.corrected_at)


def _pictures(said: Collection[Picture], known: Collection[str]) -> list[dict[str, str]]:
    """Return what is said of photos of the update, of each once; of others nothing is kept."""
    found = {one.photo: one for one in said if one.photo in known and (one.alt or one.caption)}
    return [{"photo": one.photo, "alt": one.alt, "caption": one.caption} for one in found.values()]


def discard(*, draft: UpdateTranslation) -> None:
    """Let a draft be gone."""
    if draft.state is not TranslationState.DRAFT:
        raise Settled
    session.delete(draft)
    session.flush()


def offer(*, draft_id: uuid.UUID, is_own: bool, by: User, now: datetime) -> None:
    """Offer a draft: it waits for the project's people, who get a letter.

    What somebody offered before and still waits is replaced by it; what is published stays until
    this one is. What one of the project's own people writes is published at once.

    :raises Invalid: something is missing, or the original reads otherwise by now.
    :raises NotTranslatable: the original was taken back.
    :raises Settled: it was offered already.
    """
    draft, update = _lock(draft_id, TranslationState.DRAFT)
    _check(update, draft.language)
    missing: dict[str, object] = {}
    if not draft.title:
        missing["title"] = _l("Translate the title, too.")
    if not draft.body:
        missing["body"] = _l("Write the translation first.")
    if draft.wording_at != _wording_of(update):
        missing["form"] = _l(
            "The original was corrected meanwhile. Read it again; what you wrote is kept."
        )
    if missing:
        raise Invalid(fields=missing)
    waiting = queries.find_in(update.id, draft.language, TranslationState.WAITING, by.id)
    if waiting is not None:
        _end(waiting, TranslationState.REPLACED, by, now)
    draft.state, draft.is_own, draft.written_at = TranslationState.WAITING, is_own, now
    session.flush()
    if is_own:
        _show(draft, update, by, now)
    else:
        jobs.enqueue("translation_offered_mails", translation_id=str(draft.id))


def publish(*, translation_id: uuid.UUID, by: User, now: datetime) -> None:
    """Show everybody what was offered; the one that was shown before can still be read.

    :raises Settled: it does not wait any more.
    :raises NotTranslatable: the original was taken back.
    """
    translation, update = _lock(translation_id, TranslationState.WAITING)
    _check(update, translation.language)
    _show(translation, update, by, now)
    _tell(translation)


def _show(translation: UpdateTranslation, update: ProjectUpdate, by: User, now: datetime) -> None:
    shown = queries.find_in(update.id, translation.language, TranslationState.PUBLISHED)
    if shown is not None:
        _end(shown, TranslationState.REPLACED, by, now)
    translation.published_by_id, translation.published_at = by.id, now
    translation.state = TranslationState.PUBLISHED
    _note("publish", update, by, "", now)


def refuse(*, translation_id: uuid.UUID, reason: str, by: User, now: datetime) -> None:
    """Do not show what was offered, and say why to who offered it.

    :raises Settled: it does not wait any more.
    """
    translation, update = _lock(translation_id, TranslationState.WAITING)
    _end(translation, TranslationState.REFUSED, by, now, reason)
    _note("refuse", update, by, reason, now)
    _tell(translation)


def take_down(*, translation_id: uuid.UUID, reason: str, by: User, now: datetime) -> None:
    """Show a translation no more, and say why to everybody.

    :raises Settled: it is not shown.
    """
    translation, update = _lock(translation_id, TranslationState.PUBLISHED)
    _end(translation, TranslationState.TAKEN_DOWN, by, now, reason)
    _note("take_down", update, by, reason, now)
    _tell(translation)


def complain(*, translation_id: uuid.UUID, why: str, by: User, now: datetime) -> None:
    """Tell the operator what is wrong with a translation; twice is once, until it was settled."""
    again = {"why": why, "made_at": now, "settled_at": None}
    session.execute(
        postgresql.insert(TranslationComplaint)
        .values(translation_id=translation_id, by_id=by.id, why=why, made_at=now)
        .on_conflict_do_update(
            index_elements=[TranslationComplaint.translation_id, TranslationComplaint.by_id],
            set_=again,
            where=TranslationComplaint.settled_at.is_not(None),
        )
    )


def settle_complaints(
    *, translation_id: uuid.UUID, is_taken_down: bool, reason: str, by: User, now: datetime
) -> None:
    """Take down what everybody could read, or let it stand; complaints are settled either way.

    Who wrote it and the project's people are told when it goes; everybody reads the reason then.
    Who complained is told the reason either way.

    :raises Settled: it is not read any more, so it cannot be taken down.
    """
    if is_taken_down:
        translation, update = _lock(translation_id, *policies.READ_BY_ALL)
        if not policies.is_read_by_all(translation):
            raise Settled
        _end(translation, TranslationState.TAKEN_DOWN, by, now, reason)
        _tell(translation)
        jobs.enqueue("translation_taken_down_mails", translation_id=str(translation_id))
    else:
        update = queries.lock_update(session.get_one(UpdateTranslation, translation_id).update_id)
    complained = session.scalars(
        sa.update(TranslationComplaint)
        .where(
            TranslationComplaint.translation_id == translation_id,
            TranslationComplaint.settled_at.is_(None),
        )
        .values(settled_at=now)
        .returning(TranslationComplaint.by_id)
    )
    for user_id in complained.all():
        jobs.enqueue(
            "translation_complaint_mail",
            translation_id=str(translation_id),
            user_id=str(user_id),
            is_taken_down=is_taken_down,
            reason=reason,
            key=f"{now:%Y%m%d%H%M%S}",
        )
    _note("take_down" if is_taken_down else "keep", update, by, reason, now)


def withdraw(*, translation_id: uuid.UUID, by: User, now: datetime) -> None:
    """Take back what one offered oneself, whether it waits or is shown.

    :raises Settled: it is neither.
    """
    translation, _update = _lock(translation_id, *policies.WITHDRAWN_FROM)
    if not policies.may_withdraw(translation, by.id):
        raise Settled
    _end(translation, TranslationState.WITHDRAWN, by, now)


def forget(*, user_id: uuid.UUID, now: datetime) -> None:
    """Forget who translates: drafts go, what waits is withdrawn; what is shown loses the name."""
    mine = UpdateTranslation.translator_id == user_id
    session.execute(
        sa.delete(UpdateTranslation).where(mine, UpdateTranslation.state == TranslationState.DRAFT)
    )
    session.execute(
        sa.update(UpdateTranslation)
        .where(mine, UpdateTranslation.state == TranslationState.WAITING)
        .values(state=TranslationState.WITHDRAWN, ended_at=now, ended_by_id=user_id)
    )


def _lock(
    translation_id: uuid.UUID, *states: TranslationState
) -> tuple[UpdateTranslation, ProjectUpdate]:
    """Return a translation in one of these states with its original, both held."""
    update = queries.lock_update(session.get_one(UpdateTranslation, translation_id).update_id)
    translation = queries.lock_translation(translation_id)
    if translation.state not in states:
        raise Settled
    return translation, update


def _end(
    translation: UpdateTranslation,
    state: TranslationState,
    by: User,
    now: datetime,
    reason: str = "",
) -> None:
    translation.ended_by_id, translation.ended_at = by.id, now
    translation.state, translation.reason = state, reason
    session.flush()


def _note(what: str, update: ProjectUpdate, by: User, reason: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"translation.{what}",
        subject_kind="project",
        subject_id=update.project_id,
        reason=reason,
        now=now,
    )
    session.flush()


def _tell(translation: UpdateTranslation) -> None:
    """Write to who offered it what became of it."""
    jobs.enqueue(
        "translation_settled_mail",
        translation_id=str(translation.id),
        state=translation.state.value,
    )

"""Translating an update beside its original, and what became of what one offered."""

import uuid
from itertools import zip_longest

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound, TooMany
from marketplace.core.i18n import LANGUAGES, _
from marketplace.core.paging import decode_id_cursor
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.projects import queries as projects
from marketplace.projects.models import Project, ProjectUpdate
from marketplace.projects.views.public import load
from marketplace.volunteer_translations import policies, queries, service
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import (
    MOST_KEPT_AN_HOUR,
    MOST_OFFERED_AN_HOUR,
    Picture,
    Said,
    TranslationState,
    languages_for,
    wording_at,
)
from marketplace.volunteer_translations.schemas import TranslationInput

blueprint = Blueprint("volunteer_translations", __name__)

Page = tuple[str, int] | Response
UPDATE = "/projects/<slug>/updates/<uuid:update_id>"
WRITE = f"{UPDATE}/translate/<any({','.join(LANGUAGES)}):language>"


@blueprint.get(f"{UPDATE}/translations")
@access("public")
def translations(slug: str, update_id: uuid.UUID) -> Page:
    """Show in which languages an update can be read, who translated it, and what stood before."""
    project, _membership = load(slug)
    update = _update(project, update_id)
    return render(
        "volunteer_translations/translations.html",
        project=project,
        update=update,
        history=queries.list_history(update.id),
        languages=languages_for(update.language, LANGUAGES),
        may_complain=policies.is_read_by_all,
    )


def _update(project: Project, update_id: uuid.UUID) -> ProjectUpdate:
    """Return an update that was not taken back.

    :raises NotTranslatable: it was.
    """
    update = projects.get_update(project.id, update_id)
    if update.taken_back_at is not None:
        raise service.NotTranslatable
    return update


@blueprint.get(WRITE)
@access("signed_in")
def write(slug: str, update_id: uuid.UUID, language: str) -> Page:
    """Show an original beside the form for its translation."""
    project, update = _translatable(slug, update_id, language)
    return _page(project, update, language, Form())


def _translatable(slug: str, update_id: uuid.UUID, language: str) -> tuple[Project, ProjectUpdate]:
    """Return an update that the caller may read and translate into a language.

    :raises NotFound: there is none, or it is written in that language.
    """
    project, _membership = load(slug)
    update = _update(project, update_id)
    if not policies.may_be_translated(update, language, LANGUAGES):
        raise NotFound
    return project, update


def _page(
    project: Project, update: ProjectUpdate, language: str, form: Form, status: int = 200
) -> Page:
    begun = queries.find_to_begin_with(update.id, language, current_user.id)
    present = wording_at(update.published_at, update.corrected_at)
    is_mine = begun is not None and begun.translator_id == current_user.id
    return render(
        "volunteer_translations/write.html",
        status,
        project=project,
        update=update,
        language=language,
        begun=begun,
        draft=begun if begun is not None and begun.state is TranslationState.DRAFT else None,
        is_mine=is_mine,
        is_behind=begun is not None and begun.wording_at < present,
        waits=queries.find_in(update.id, language, TranslationState.WAITING, current_user.id),
        wording=present.isoformat(),
        said=_pictures_in(form) or _pictures_of(begun),
        form=form,
    )


def _pictures_of(begun: UpdateTranslation | None) -> dict[str, Picture]:
    pictures = [Picture(**one) for one in begun.pictures] if begun else []
    return {one.photo: one for one in pictures}


def _pictures_in(form: Form) -> dict[str, Picture]:
    """Return what was typed about photos, by their ids, also where something is wrong with it."""
    columns = zip_longest(*(form.values.get(name, []) for name in COLUMNS), fillvalue="")
    return {photo: Picture(photo, alt, caption) for photo, alt, caption in columns}


COLUMNS = ("photos", "alts", "captions")


@blueprint.post(WRITE)
@access("signed_in")
def save(slug: str, update_id: uuid.UUID, language: str) -> Page:
    """Keep what came; then offer it, if that is what the button says."""
    project, update = _translatable(slug, update_id, language)
    form, now = load_form(TranslationInput()), clock.now()
    if not form.ok:
        return _page(project, update, language, form, 422)
    try:
        limits.try_post("translation", current_user.id, most=MOST_KEPT_AN_HOUR, now=now)
        with atomic():
            draft = service.keep(
                update=projects.get_update(project.id, update_id),
                language=language,
                said=_said(form),
                read_at=form.data["wording"],
                by=current_user,
                now=now,
            )
        if form.data["how"] == "keep":
            flash(_("Kept. Nobody but you sees it until you offer it."))
            return redirect_to(
                "volunteer_translations.write",
                slug=slug,
                update_id=update_id,
                language=language,
                _anchor="preview",
            )
        limits.try_post("translation-offer", current_user.id, most=MOST_OFFERED_AN_HOUR, now=now)
    except TooMany as error:
        form.refuse({"form": error.message})
        return _page(*_translatable(slug, update_id, language), language, form, 429)
    return _offer(project, draft, form)


def _said(form: Form) -> Said:
    columns = zip_longest(*(form.data[name] for name in COLUMNS), fillvalue="")
    pictures = [Picture(str(photo), alt, caption) for photo, alt, caption in columns if photo]
    return Said(form.data["title"], form.data["body"], pictures)


def _offer(project: Project, draft: UpdateTranslation, form: Form) -> Page:
    slug, update_id, language = project.slug, draft.update_id, draft.language
    membership = projects.find_membership(project.id, current_user.id)
    is_own = policies.may_decide(membership)
    with attempt(form):
        service.offer(draft_id=draft.id, is_own=is_own, by=current_user, now=clock.now())
    if not form.ok:
        return _page(*_translatable(slug, update_id, language), language, form, 422)
    if is_own:
        flash(_("Published. Who reads in this language sees it, marked as a translation."))
        return redirect_to("projects.update", slug=slug, update_id=update_id, **{"in": language})
    flash(_("Thank you. It waits for the people of the project; you get a letter."))
    return redirect_to("volunteer_translations.own")


@blueprint.post(f"{WRITE}/discard")
@access("signed_in")
def discard(slug: str, update_id: uuid.UUID, language: str) -> Response:
    """Let the caller's draft be gone."""
    load(slug)
    with atomic():
        draft = queries.find_draft(update_id, language, current_user.id)
        if draft is None:
            raise NotFound
        service.discard(draft=draft)
    flash(_("Discarded."))
    return redirect_to("volunteer_translations.own")


@blueprint.get("/account/translations")
@access("signed_in")
def own() -> Page:
    """List what the caller translated, and what became of it."""
    after = decode_id_cursor(request.args.get("after"))
    page = queries.list_own(current_user.id, after=after)
    return render(
        "volunteer_translations/own.html",
        page=page,
        is_first=after is None,
        may_withdraw=policies.may_withdraw,
    )


@blueprint.post("/account/translations/<uuid:translation_id>/withdraw")
@access("signed_in")
def withdraw(translation_id: uuid.UUID) -> Response:
    """Take back what the caller offered."""
    queries.get_own(current_user.id, translation_id)
    with atomic():
        service.withdraw(translation_id=translation_id, by=current_user, now=clock.now())
    flash(_("Withdrawn. Nobody reads it any more."))
    return redirect_to("volunteer_translations.own")

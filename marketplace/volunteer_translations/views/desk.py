"""Translations on the desk of a project: read beside the original, published or refused."""

import uuid
from collections.abc import Callable

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own
from marketplace.volunteer_translations import queries, service
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.rules import TranslationState, wording_at
from marketplace.volunteer_translations.schemas import RefusalInput

blueprint = Blueprint("volunteer_translations_desk", __name__)

Page = tuple[str, int] | Response
LIST = "/project-desk/<slug>/translations"
ONE = f"{LIST}/<uuid:translation_id>"


@blueprint.get(LIST)
@access("member")
def translations(slug: str) -> Page:
    """List what waits, the oldest first, and what is shown."""
    project = own(slug)
    return render(
        "volunteer_translations/desk/translations.html",
        project=project,
        waiting=queries.list_for_desk(project.id, TranslationState.WAITING),
        shown=queries.list_for_desk(project.id, TranslationState.PUBLISHED),
    )


@blueprint.get(ONE)
@access("member")
def translation(slug: str, translation_id: uuid.UUID) -> Page:
    """Show a translation beside its original."""
    project = own(slug)
    return _page(project, queries.get_of_project(project.id, translation_id), Form())


def _page(project: Project, found: UpdateTranslation, form: Form, status: int = 200) -> Page:
    update = found.update
    if update.taken_back_at is not None:
        raise service.NotTranslatable
    present = wording_at(update.published_at, update.corrected_at)
    return render(
        "volunteer_translations/desk/translation.html",
        status,
        project=project,
        update=update,
        translation=found,
        pictures={one["photo"]: one for one in found.pictures},
        is_behind=found.wording_at < present,
        form=form,
    )


@blueprint.post(f"{ONE}/publish")
@access("member")
def publish(slug: str, translation_id: uuid.UUID) -> Page:
    """Show a translation to everybody."""
    project = own(slug)
    found = queries.get_of_project(project.id, translation_id)
    with atomic():
        service.publish(translation_id=found.id, by=current_user, now=clock.now())
    flash(_("Published. Who reads in this language sees it, marked as a translation."))
    return redirect_to("volunteer_translations_desk.translations", slug=slug)


@blueprint.post(f"{ONE}/refuse")
@access("member")
def refuse(slug: str, translation_id: uuid.UUID) -> Page:
    """Do not show a translation, and tell the volunteer why."""
    return _end(slug, translation_id, service.refuse, _("Refused. The volunteer gets your reason."))


@blueprint.post(f"{ONE}/take-down")
@access("member")
def take_down(slug: str, translation_id: uuid.UUID) -> Page:
    """Show a translation no more, and tell everybody why."""
    said = _("Taken down. That it was there, and why it went, can still be read.")
    return _end(slug, translation_id, service.take_down, said)


def _end(slug: str, translation_id: uuid.UUID, act: Callable[..., None], said: str) -> Page:
    project = own(slug)
    found = queries.get_of_project(project.id, translation_id)
    form = load_form(RefusalInput())
    if form.ok:
        with attempt(form):
            reason = form.data["reason"]
            act(translation_id=found.id, reason=reason, by=current_user, now=clock.now())
            flash(said)
            return redirect_to("volunteer_translations_desk.translations", slug=slug)
    return _page(project, queries.get_of_project(project.id, translation_id), form, 422)

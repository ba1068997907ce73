"""Correcting an update on the desk of its project, and what it said before, for everybody."""

import uuid

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.corrections import queries, service
from marketplace.corrections.schemas import CorrectionInput, TakeBackInput
from marketplace.projects import queries as projects
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own
from marketplace.projects.views.public import load

blueprint = Blueprint("corrections", __name__)

Page = tuple[str, int] | Response


@blueprint.get("/project-desk/<slug>/updates/<uuid:update_id>")
@access("member")
def edit(slug: str, update_id: uuid.UUID) -> Page:
    """Show an update to who may correct it or take it back."""
    return _page(own(slug), update_id, Form())


def _page(project: Project, update_id: uuid.UUID, form: Form, status: int = 200) -> Page:
    return render(
        "corrections/edit.html",
        status,
        project=project,
        update=projects.get_update(project.id, update_id),
        form=form,
    )


@blueprint.post("/project-desk/<slug>/updates/<uuid:update_id>")
@access("member")
def correct(slug: str, update_id: uuid.UUID) -> Page:
    """Let an update read otherwise."""
    project = own(slug)
    form = load_form(CorrectionInput())
    if form.ok:
        with attempt(form):
            service.correct(
                project_id=project.id,
                update_id=update_id,
                by=current_user,
                now=clock.now(),
                **form.data,
            )
            flash(_("Corrected. What it said before can still be read."))
            return redirect_to("projects.update", slug=slug, update_id=update_id)
    return _page(project, update_id, form, 422)


@blueprint.post("/project-desk/<slug>/updates/<uuid:update_id>/take-back")
@access("member")
def take_back(slug: str, update_id: uuid.UUID) -> Page:
    """Take text and photos of an update away."""
    project = own(slug)
    form = load_form(TakeBackInput())
    if form.ok:
        with attempt(form):
            service.take_back(
                project_id=project.id,
                update_id=update_id,
                reason=form.data["why"],
                by=current_user,
                now=clock.now(),
            )
            flash(_("Taken back. That it was there, and why it went, can still be read."))
            return redirect_to("projects.update", slug=slug, update_id=update_id)
    return _page(project, update_id, form, 422)


@blueprint.get("/projects/<slug>/updates/<uuid:update_id>/versions")
@access("public")
def versions(slug: str, update_id: uuid.UUID) -> Page:
    """Show what an update said before; nothing of one that was taken back."""
    project, _membership = load(slug)
    update = projects.get_update(project.id, update_id)
    if update.taken_back_at is not None:
        raise Conflict(service.TakenBack.message)
    found = queries.list_versions(update.id)
    if not found:
        raise NotFound
    return render("corrections/versions.html", project=project, update=update, versions=found)

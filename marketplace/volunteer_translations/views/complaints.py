"""Telling the operator what is wrong with a translation."""

import uuid

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.projects.views.public import load
from marketplace.volunteer_translations import queries, service
from marketplace.volunteer_translations.schemas import TranslationComplaintInput

blueprint = Blueprint("translation_complaints", __name__)

Page = tuple[str, int] | Response


@blueprint.route(
    "/projects/<slug>/updates/<uuid:update_id>/translations/<uuid:translation_id>/complaint",
    methods=["GET", "POST"],
)
@access("signed_in")
def complaint(slug: str, update_id: uuid.UUID, translation_id: uuid.UUID) -> Page:
    """Tell the operator that a translation says something else, or is an abuse."""
    project, _membership = load(slug)
    found = queries.get_readable(project.id, update_id, translation_id)
    form = load_form(TranslationComplaintInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("translation-complaint", current_user.id, now=now)
        with attempt(form):
            service.complain(
                translation_id=found.id, why=form.data["why"], by=current_user, now=now
            )
            flash(_("Thank you. The operator looks at it."))
            return redirect_to("projects.update", slug=slug, update_id=update_id)
    return render(
        "volunteer_translations/complaint.html",
        422 if form.errors else 200,
        project=project,
        update=found.update,
        translation=found,
        form=form,
    )

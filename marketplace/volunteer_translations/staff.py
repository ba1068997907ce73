"""The operator's view of translations that a reader complained of."""

import uuid

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.volunteer_translations import policies, queries, service
from marketplace.volunteer_translations.models import UpdateTranslation
from marketplace.volunteer_translations.schemas import TranslationSettledInput

blueprint = Blueprint("volunteer_translations_staff", __name__)

Page = tuple[str, int] | Response


@blueprint.get("/staff/translations")
@access("staff")
def complaints() -> Page:
    """List complaints that wait, the oldest first, and what was taken down last."""
    return render(
        "staff/translations.html",
        complaints=queries.list_complaints(),
        taken_down=queries.list_taken_down(),
    )


@blueprint.get("/staff/translations/<uuid:translation_id>")
@access("staff")
def translation(translation_id: uuid.UUID) -> Page:
    """Show a translation beside its original, what was said of it, and every other version."""
    return _page(queries.get_offered(translation_id), Form())


def _page(found: UpdateTranslation, form: Form) -> Page:
    complaints = queries.list_complaints_of(found.id)
    return render(
        "staff/translation.html",
        422 if form.errors else 200,
        translation=found,
        update=found.update,
        project=found.update.project,
        pictures={one["photo"]: one for one in found.pictures},
        complaints=complaints,
        waits=any(one.settled_at is None for one in complaints),
        is_read=policies.is_read_by_all(found),
        versions=queries.list_offered_in(found.update_id, found.language),
        form=form,
    )


@blueprint.post("/staff/translations/<uuid:translation_id>")
@access("staff")
def settle(translation_id: uuid.UUID) -> Page:
    """Take a translation down, or let it stand, and say why."""
    found = queries.get_offered(translation_id)
    form = load_form(TranslationSettledInput())
    if form.ok:
        with attempt(form):
            service.settle_complaints(
                translation_id=found.id,
                is_taken_down=form.data["what"] == "take_down",
                reason=form.data["reason"],
                by=current_user,
                now=clock.now(),
            )
            flash(_("Done. Who complained is told your reason, and it stands in the audit log."))
            return redirect_to("volunteer_translations_staff.complaints")
    return _page(queries.get_offered(translation_id), form)

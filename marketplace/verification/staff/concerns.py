"""The operator's pages of concerns: what waits, and one of them."""

import uuid

from flask import flash, request
from flask_login import current_user

from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.verification import queries, service
from marketplace.verification.rules import ConcernOutcome, ConcernState
from marketplace.verification.schemas import HandleInput
from marketplace.verification.staff.checks import Page, blueprint


@blueprint.get("/staff/concerns")
@access("staff")
def concerns() -> Page:
    """List concerns that wait, the oldest first, or those that ended, the latest first."""
    is_open = request.args.get("which") != "ended"
    return render(
        "staff/concerns.html",
        page=queries.list_concerns(is_open=is_open, before=_position()),
        is_open=is_open,
        now=clock.now(),
    )


def _position() -> uuid.UUID | None:
    cursor = decode_cursor(request.args.get("after"), 1)
    try:
        return uuid.UUID(str(cursor[0])) if cursor else None
    except ValueError:
        return None


@blueprint.get("/staff/concerns/<uuid:concern_id>")
@access("staff")
def concern(concern_id: uuid.UUID) -> Page:
    """Show a concern with everything noted about it."""
    return _page(concern_id, Form())


def _page(concern_id: uuid.UUID, form: Form) -> Page:
    found = queries.get_concern(concern_id)
    return render(
        "staff/concern.html",
        422 if form.errors else 200,
        concern=found,
        about=queries.name_of(found),
        notes=queries.list_notes(concern_id),
        states=[state for state in ConcernState if state is not ConcernState.NEW],
        outcomes=list(ConcernOutcome),
        now=clock.now(),
        form=form,
    )


@blueprint.post("/staff/concerns/<uuid:concern_id>")
@access("staff")
def handle(concern_id: uuid.UUID) -> Page:
    """Say where a concern stands, note something, answer."""
    form = load_form(HandleInput())
    if form.ok:
        with attempt(form):
            service.handle_concern(
                concern=queries.get_concern(concern_id, is_locked=True),
                operator=current_user,
                now=clock.now(),
                **form.data,
            )
            flash(_("Saved."))
            return redirect_to("verification_staff.concern", concern_id=concern_id)
    return _page(concern_id, form)

"""The operator's view of recipients whose gift receipts we may write."""

import uuid

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.core.web.languages import current_language
from marketplace.papers import queries, service
from marketplace.papers.rules import RecipientKind
from marketplace.papers.schemas import EndInput, RecipientInput, list_countries
from marketplace.projects import queries as projects

blueprint = Blueprint("papers_staff", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/staff/recipients")
@access("staff")
def recipients() -> Page:
    """Show who qualifies, and since when."""
    return _page(Form())


def _page(form: Form, status: int = 200) -> Page:
    return render(
        "staff/recipients.html",
        status,
        recipients=queries.list_recipients(),
        form=form,
        kinds=[kind.value for kind in RecipientKind],
        countries=list_countries(current_language()),
        today=clock.now().date(),
    )


@blueprint.post("/staff/recipients")
@access("staff")
def qualify() -> Page:
    """Mark an organisation after seeing a document; both go into the audit log."""
    form = load_form(RecipientInput())
    if form.ok:
        said = dict(form.data)
        slug = said.pop("project").rstrip("/").rpartition("/")[2]
        try:
            project = projects.get_by_slug(slug)
        except NotFound:
            form.refuse({"project": _("There is no project at this address.")})
            return _page(form, 422)
        with attempt(form):
            service.qualify(project=project, said=said, operator=current_user, now=clock.now())
            flash(_("Marked. Gift receipts can be asked for from now on."))
            return redirect_to("papers_staff.recipients")
    return _page(form, 422)


@blueprint.post("/staff/recipients/<uuid:recipient_id>/end")
@access("staff")
def end(recipient_id: uuid.UUID) -> Page:
    """Say on which day a recipient qualifies for the last time."""
    form = load_form(EndInput())
    if form.ok:
        try:
            with attempt(form):
                service.end(
                    recipient=queries.get_recipient(recipient_id),
                    last_day=form.data["last_day"],
                    reason=form.data["reason"],
                    operator=current_user,
                    now=clock.now(),
                )
                flash(_("Noted."))
                return redirect_to("papers_staff.recipients")
        except Conflict as fact:
            form.refuse({"last_day": fact.message})
    return _page(form, 422)

"""Your data: have a copy of it, or have it taken out."""

import json

from flask import Blueprint, flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.accounts.views import limits, present
from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import access, attempt, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.privacy import queries, service
from marketplace.privacy.schemas import EraseInput

blueprint = Blueprint("privacy", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/account/data")
@access("signed_in")
def data() -> Page:
    """Say what is kept, and offer both."""
    return _show(Form())


def _show(form: Form, status: int = 200) -> tuple[str, int]:
    open_orders = queries.count_open_orders(current_user.id)
    return render("privacy/data.html", status, form=form, open_orders=open_orders)


@blueprint.get("/account/data.json")
@access("signed_in")
def copy() -> Response:
    """Hand out all that names the person, as a file."""
    found = queries.collect(current_user.id)
    answer = Response(
        json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json"
    )
    answer.headers["Content-Disposition"] = "attachment; filename=causeway-data.json"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/account/erase")
@access("signed_in")
def erase() -> Page:
    """Forget the person who asks, if they know their password."""
    form, now = load_form(EraseInput()), clock.now()
    if form.ok:
        limits.try_password(current_user.id, now=now)
        with attempt(form):
            accounts.require_password(current_user, form.data["current_password"])
            service.erase(user_id=current_user.id, actor=None, reason="", now=now)
            present.forget()
            flash(_("Your account is gone. What you gave goes on."))
            return redirect_to("pages.home")
    return _show(form, 422)

"""The operator's view of questions and answers that somebody called an abuse."""

import uuid

from flask import Blueprint
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.questions import queries, service
from marketplace.questions.schemas import SettleInput

blueprint = Blueprint("questions_staff", __name__)


@blueprint.get("/staff/questions")
@access("staff")
def complaints() -> tuple[str, int]:
    """List complaints that wait, the oldest first."""
    return _page(Form())


def _page(form: Form) -> tuple[str, int]:
    return render(
        "staff/questions.html",
        422 if form.errors else 200,
        complaints=queries.list_complaints(),
        form=form,
    )


@blueprint.post("/staff/questions/<uuid:question_id>")
@access("staff")
def settle(question_id: uuid.UUID) -> tuple[str, int] | Response:
    """Hide a question with its answer, or let it stand, and say why."""
    if all(one.question_id != question_id for one in queries.list_complaints()):
        raise NotFound
    form = load_form(SettleInput())
    if form.ok:
        with attempt(form):
            service.settle_complaints(
                question_id=question_id,
                is_hidden=form.data["what"] == "hide",
                reason=form.data["reason"],
                by=current_user,
                now=clock.now(),
            )
    return redirect_to("questions_staff.complaints") if form.ok else _page(form)

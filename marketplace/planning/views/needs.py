"""What a project needs that is not money, and what people answer."""

import uuid

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.planning import queries, service
from marketplace.planning.models import Need, NeedAnswer
from marketplace.planning.policies import may_change_answer
from marketplace.planning.schemas import AnswerInput
from marketplace.projects.views.public import load

blueprint = Blueprint("needs", __name__)

Page = tuple[str, int] | Response
ANSWERS_A_DAY = 20
DAY = 24 * 3600


@blueprint.get("/projects/<slug>/needs/<uuid:need_id>")
@access("signed_in")
def need(slug: str, need_id: uuid.UUID) -> Page:
    """Show what is needed, and a form to offer it."""
    return _page(slug, _need(slug, need_id), Form(), 200)


def _need(slug: str, need_id: uuid.UUID) -> Need:
    """Return a need of a project that the caller may see.

    :raises NotFound: there is none.
    """
    project, _membership = load(slug)
    found = queries.get_need(need_id)
    if found.project_id != project.id:
        raise NotFound
    return found


def _page(slug: str, found: Need, form: Form, status: int) -> tuple[str, int]:
    project, _membership = load(slug)
    return render(
        "planning/need.html",
        status,
        project=project,
        need=found,
        answer=queries.find_answer(found.id, current_user.id),
        form=form,
    )


@blueprint.post("/projects/<slug>/needs/<uuid:need_id>")
@access("signed_in")
def answer(slug: str, need_id: uuid.UUID) -> Page:
    """Offer what is needed."""
    form, now = load_form(AnswerInput()), clock.now()
    if not form.ok:
        return _page(slug, _need(slug, need_id), form, 422)
    with atomic():
        accounts.allow(
            key=f"need|{current_user.id}", limit=ANSWERS_A_DAY, window_seconds=DAY, now=now
        )
    try:
        with atomic():
            found = _need(slug, need_id)
            service.answer(need=found, user=current_user, now=now, **form.data)
    except Conflict as error:
        form.refuse({"message": error.message})
        return _page(slug, _need(slug, need_id), form, 409)
    flash(_("Your answer is with the people of this project."))
    return redirect_to("needs.answers")


@blueprint.get("/account/answers")
@access("signed_in")
def answers() -> Page:
    """List what the caller offered, and who sees their address."""
    return render("planning/answers.html", answers=queries.list_own_answers(current_user.id))


@blueprint.post("/account/answers/<uuid:answer_id>")
@access("signed_in")
def change(answer_id: uuid.UUID) -> Page:
    """Show an address, hide it again, or take an offer back."""
    with atomic():
        found = _own(answer_id)
        how = request.form.get("how", "")
        if how == "take-back":
            service.take_back(answer=found)
        elif how in ("share", "hide"):
            service.share_email(answer=found, shares=how == "share")
        else:
            raise NotFound
    return redirect_to("needs.answers")


def _own(answer_id: uuid.UUID) -> NeedAnswer:
    found = queries.get_answer(answer_id)
    if not may_change_answer(found, current_user):
        raise NotFound
    return found

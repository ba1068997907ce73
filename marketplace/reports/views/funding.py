"""What a project has from elsewhere, declared by its owners: nobody here claims what that pays."""

import uuid
from typing import Any

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.core import clock
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount, parse_minor
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own
from marketplace.reports import queries, service
from marketplace.reports.models import Standing
from marketplace.reports.schemas import FundingAnswerInput, FundingInput

blueprint = Blueprint("funding_elsewhere", __name__)


@blueprint.route("/project-desk/<slug>/funding", methods=["GET", "POST"])
@access("member")
def funding(slug: str) -> tuple[str, int] | Response:
    """List what the project has or applied for elsewhere, and declare more."""
    project = own(slug)
    form = load_form(FundingInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        amount_minor = _amount(project, form)
        said = {"funder": form.data["funder"], "standing": Standing(form.data["standing"])}
        if amount_minor and _declare(project, form, amount_minor=amount_minor, **said):
            return redirect_to("funding_elsewhere.funding", slug=slug)
    return _page(project, form)


@blueprint.post("/project-desk/<slug>/funding/<uuid:application_id>")
@access("member")
def answer(slug: str, application_id: uuid.UUID) -> tuple[str, int] | Response:
    """Say what became of an application: it is certain now, or refused."""
    project = own(slug)
    applied = queries.get_application(project.id, application_id)
    form = load_form(FundingAnswerInput())
    if form.ok:
        amount_minor: int | None = applied.amount_minor
        if form.data["amount"] and form.data["standing"] == Standing.CERTAIN:
            amount_minor = _amount(project, form)
        told = {"funder": applied.funder, "standing": Standing(form.data["standing"])}
        if amount_minor and _declare(
            project, form, amount_minor=amount_minor, follows=applied, **told
        ):
            return redirect_to("funding_elsewhere.funding", slug=slug)
    return _page(own(slug), form, application_id)


def _page(
    project: Project, form: Form, asked: uuid.UUID | None = None
) -> tuple[str, int] | Response:
    return render(
        "reports/desk/funding.html",
        422 if form.errors else 200,
        project=project,
        funding=queries.list_funding_elsewhere(project.id),
        form=form,
        asked=asked,
    )


def _amount(project: Project, form: Form) -> int | None:
    """Return what the form says in minor units; None where it is no amount, which it tells."""
    try:
        amount_minor = parse_minor(form.data["amount"], project.currency)
    except NotAnAmount:
        amount_minor = 0
    if amount_minor < 1:
        form.refuse({"amount": _("Write an amount, such as 12.50.")})
        return None
    return amount_minor


def _declare(project: Project, form: Form, **said: Any) -> bool:  # Any: what the service takes
    try:
        with attempt(form):
            service.declare_elsewhere(
                project_id=project.id, by=current_user, now=clock.now(), **said
            )
    except Conflict as fact:
        form.refuse({"amount": str(fact)})
        return False
    flash(_("Declared. Reports count what is certain."))
    return True

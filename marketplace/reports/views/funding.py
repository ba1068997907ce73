"""What a project has from elsewhere, declared by its owners: nobody here claims what that pays."""

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
from marketplace.reports.schemas import FundingInput

blueprint = Blueprint("funding_elsewhere", __name__)


@blueprint.route("/project-desk/<slug>/funding", methods=["GET", "POST"])
@access("member")
def funding(slug: str) -> tuple[str, int] | Response:
    """List what the project has from elsewhere, and declare more."""
    project = own(slug)
    form = load_form(FundingInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok and _declare(project, form):
        return redirect_to("funding_elsewhere.funding", slug=slug)
    return render(
        "reports/desk/funding.html",
        422 if form.errors else 200,
        project=project,
        funding=queries.list_funding_elsewhere(project.id),
        form=form,
    )


def _declare(project: Project, form: Form) -> bool:
    try:
        amount_minor = parse_minor(form.data["amount"], project.currency)
    except NotAnAmount:
        amount_minor = 0
    if amount_minor < 1:
        form.refuse({"amount": _("Write an amount, such as 12.50.")})
        return False
    try:
        with attempt(form):
            service.declare_elsewhere(
                project_id=project.id,
                funder=form.data["funder"],
                amount_minor=amount_minor,
                by=current_user,
                now=clock.now(),
            )
    except Conflict as fact:
        form.refuse({"amount": str(fact)})
        return False
    flash(_("Declared. Reports count it."))
    return True

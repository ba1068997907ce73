"""Readers' questions about a report, and telling the operator of abuse."""

import uuid

from flask import flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.reports import queries, service
from marketplace.reports.schemas import ComplaintInput, QuestionInput
from marketplace.reports.views.public import blueprint

Page = tuple[str, int] | Response


@blueprint.route("/companies/<slug>/reports/<report_slug>/questions", methods=["GET", "POST"])
@access("signed_in")
def ask(slug: str, report_slug: str) -> Page:
    """Ask about a report, in public."""
    found = queries.get_published(slug, report_slug)
    form = load_form(QuestionInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("report-question", current_user.id, now=now)
        with attempt(form):
            service.ask(report_id=found.report_id, body=form.data["body"], by=current_user, now=now)
        if form.ok:
            flash(_("Your question stands on the page. Somebody of the company answers by name."))
            return redirect_to(
                "reports.report", slug=slug, report_slug=report_slug, _anchor="questions"
            )
    return render(
        "reports/ask.html",
        422 if form.errors else 200,
        version=found,
        company=found.report.company,
        report=found.report,
        form=form,
    )


@blueprint.route(
    "/companies/<slug>/reports/<report_slug>/questions/<uuid:question_id>/complaint",
    methods=["GET", "POST"],
)
@access("signed_in")
def complaint(slug: str, report_slug: str, question_id: uuid.UUID) -> Page:
    """Tell the operator that a question or its answer is an abuse."""
    found = queries.get_published(slug, report_slug)
    question = queries.get_question(found.report_id, question_id)
    form = Form()
    if request.method == "POST":
        form = load_form(ComplaintInput())
        if form.ok:
            now = clock.now()
            limits.try_post("report-complaint", current_user.id, now=now)
            with attempt(form):
                service.complain(
                    question_id=question_id, why=form.data["why"], by=current_user, now=now
                )
        if form.ok:
            flash(_("Thank you. The operator looks at it."))
            return redirect_to(
                "reports.report", slug=slug, report_slug=report_slug, _anchor="questions"
            )
    return render(
        "reports/complaint.html",
        422 if form.errors else 200,
        version=found,
        company=found.report.company,
        report=found.report,
        question=question,
        form=form,
    )

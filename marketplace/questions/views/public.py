"""Readers' questions about projects, companies and reports, and telling the operator of abuse."""

import uuid

from flask import Blueprint, flash, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts.views import limits
from marketplace.companies import queries as companies
from marketplace.companies.rules import moment_of
from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.web import Form, access, attempt, load_form, render
from marketplace.core.web.texts import path
from marketplace.projects.views.public import load
from marketplace.questions import queries, service
from marketplace.questions.models import of_company, of_project, of_report
from marketplace.questions.rules import Subject
from marketplace.questions.schemas import ComplaintInput, QuestionInput
from marketplace.questions.views.talk import Talk
from marketplace.reports import queries as reports

blueprint = Blueprint("questions", __name__)

Page = tuple[str, int] | Response

PROJECT = "/projects/<slug>/questions"
COMPANY = "/companies/<slug>/questions"
REPORT = "/companies/<slug>/reports/<report_slug>/questions"


def subject_of(kind: str, slug: str, report_slug: str) -> Subject:
    """Return what is asked about, if the caller may see it.

    :raises NotFound: there is none.
    """
    if kind == "project":
        return of_project(load(slug)[0])
    if kind == "report":
        version = reports.get_published(slug, report_slug)
        return of_report(version.report, version.title)
    company = companies.find_company(slug)
    if company is None:
        raise NotFound
    return of_company(company)


@blueprint.get(PROJECT, defaults={"kind": "project"})
@blueprint.get(COMPANY, defaults={"kind": "company"})
@blueprint.get(REPORT, defaults={"kind": "report"})
@access("public")
def questions(kind: str, slug: str, report_slug: str = "") -> Page:
    """Show what was asked, the newest first, and the form to ask."""
    return _page(subject_of(kind, slug, report_slug), Form())


def _page(subject: Subject, form: Form) -> tuple[str, int]:
    after = moment_of(decode_cursor(request.args.get("after"), 2))
    page = queries.list_asked(subject, after=after)
    return render(
        "questions/questions.html",
        422 if form.errors else 200,
        subject=subject,
        talk=Talk(subject, page.rows, clock.now()),
        next_cursor=page.next_cursor,
        is_first=after is None,
        form=form,
    )


@blueprint.post(PROJECT, defaults={"kind": "project"})
@blueprint.post(COMPANY, defaults={"kind": "company"})
@blueprint.post(REPORT, defaults={"kind": "report"})
@access("signed_in")
def ask(kind: str, slug: str, report_slug: str = "") -> Page:
    """Ask, in public."""
    subject = subject_of(kind, slug, report_slug)
    form = load_form(QuestionInput())
    if form.ok:
        now = clock.now()
        limits.try_post("question", current_user.id, now=now)
        with attempt(form):
            service.ask(subject=subject, body=form.data["body"], by=current_user, now=now)
        if form.ok:
            flash(_("Your question stands on the page. A named person answers it."))
            return redirect(path(f"{subject.page}#questions"), 303)
    return _page(subject, form)


@blueprint.route(
    f"{PROJECT}/<uuid:question_id>/complaint",
    methods=["GET", "POST"],
    defaults={"kind": "project"},
)
@blueprint.route(
    f"{COMPANY}/<uuid:question_id>/complaint",
    methods=["GET", "POST"],
    defaults={"kind": "company"},
)
@blueprint.route(
    f"{REPORT}/<uuid:question_id>/complaint",
    methods=["GET", "POST"],
    defaults={"kind": "report"},
)
@access("signed_in")
def complaint(kind: str, slug: str, question_id: uuid.UUID, report_slug: str = "") -> Page:
    """Tell the operator that a question or its answer is an abuse."""
    subject = subject_of(kind, slug, report_slug)
    question = queries.get_question(subject, question_id)
    form = load_form(ComplaintInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        now = clock.now()
        limits.try_post("question-complaint", current_user.id, now=now)
        with attempt(form):
            service.complain(
                question_id=question_id, why=form.data["why"], by=current_user, now=now
            )
        if form.ok:
            flash(_("Thank you. The operator looks at it."))
            return redirect(path(f"{subject.page}#questions"), 303)
    status = 422 if form.errors else 200
    page = "questions/complaint.html"
    return render(page, status, subject=subject, question=question, form=form)

"""Questions on the desks of projects and companies: named people answer."""

import uuid

from flask import Blueprint, flash, redirect
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, render
from marketplace.core.web.texts import path
from marketplace.projects.views.desk import own as own_project
from marketplace.questions import queries, service
from marketplace.questions.models import of_company, of_project, of_report
from marketplace.questions.rules import Subject
from marketplace.questions.schemas import AnswerInput
from marketplace.reports.views.desk import own_version

blueprint = Blueprint("questions_desk", __name__)

Page = tuple[str, int] | Response
Own = tuple[Subject, str, object]
"""What is asked about, what the caller does there, and the project or company for the frame."""

PROJECT = "/project-desk/<slug>/questions"
COMPANY = "/company/<slug>/questions"
REPORT = "/company/<slug>/reports/<report_slug>/questions"


def _own(kind: str, slug: str, report_slug: str) -> Own:
    """Return what the caller may answer about.

    :raises NotFound: it is not theirs.
    """
    if kind == "project":
        project = own_project(slug)
        titles = {one.user_id: one.title for one in project.owners}
        return of_project(project), titles[current_user.id], project
    if kind == "report":
        membership, version = own_version(slug, report_slug)
        return of_report(version.report, version.title), membership.title, membership.company
    membership = own_membership(slug)
    return of_company(membership.company), membership.title, membership.company


@blueprint.get(PROJECT, defaults={"kind": "project"})
@blueprint.get(COMPANY, defaults={"kind": "company"})
@blueprint.get(REPORT, defaults={"kind": "report"})
@access("member")
def questions(kind: str, slug: str, report_slug: str = "") -> Page:
    """List what readers asked, those that wait first."""
    return _page(_own(kind, slug, report_slug), Form(), None)


def _page(own: Own, form: Form, asked: uuid.UUID | None) -> tuple[str, int]:
    subject, _role, owner = own
    return render(
        "questions/desk/questions.html",
        422 if form.errors else 200,
        subject=subject,
        project=owner,
        company=owner,
        waiting=queries.list_for_desk(subject, is_answered=False),
        answered=queries.list_for_desk(subject, is_answered=True),
        now=clock.now(),
        form=form,
        asked=asked,
    )


@blueprint.post(f"{PROJECT}/<uuid:question_id>", defaults={"kind": "project"})
@blueprint.post(f"{COMPANY}/<uuid:question_id>", defaults={"kind": "company"})
@blueprint.post(f"{REPORT}/<uuid:question_id>", defaults={"kind": "report"})
@access("member")
def answer(kind: str, slug: str, question_id: uuid.UUID, report_slug: str = "") -> Page:
    """Answer a question by name; the answer belongs to the page."""
    subject, role, _owner = _own(kind, slug, report_slug)
    question = queries.get_question(subject, question_id)
    form = load_form(AnswerInput())
    if form.ok:
        with attempt(form):
            service.answer(
                question_id=question.id,
                text=form.data["answer"],
                by=current_user,
                role=role,
                now=clock.now(),
            )
        if form.ok:
            flash(_("Your answer stands on the page."))
            return redirect(path(subject.desk), 303)
    return _page(_own(kind, slug, report_slug), form, question_id)

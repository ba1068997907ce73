"""Questions about a report on its company's desk: named people answer."""

import uuid

from flask import flash
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies.models import CompanyMember
from marketplace.core import clock
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.reports import queries, service
from marketplace.reports.models import Version
from marketplace.reports.schemas import AnswerInput
from marketplace.reports.views.desk import Page, blueprint, own_version


@blueprint.get("/company/<slug>/reports/<report_slug>/questions")
@access("member")
def questions(slug: str, report_slug: str) -> Page:
    """List what readers asked, those that wait first."""
    membership, found = own_version(slug, report_slug)
    return _page(membership, found, Form(), None)


def _page(
    membership: CompanyMember, found: Version, form: Form, asked: uuid.UUID | None
) -> tuple[str, int]:
    everything = queries.list_questions(found.report_id)
    return render(
        "reports/desk/questions.html",
        422 if form.errors else 200,
        company=membership.company,
        report=found.report,
        version=found,
        waiting=[one for one in everything if one.answered_at is None],
        answered=[one for one in everything if one.answered_at is not None],
        form=form,
        asked=asked,
    )


@blueprint.post("/company/<slug>/reports/<report_slug>/questions/<uuid:question_id>")
@access("member")
def answer(slug: str, report_slug: str, question_id: uuid.UUID) -> Page:
    """Answer a question by name; the answer belongs to the report's page."""
    membership, found = own_version(slug, report_slug)
    question = queries.get_question(found.report_id, question_id)
    role = membership.title
    form = load_form(AnswerInput())
    done: Response | None = None
    if form.ok:
        with attempt(form):
            service.answer(
                question_id=question.id,
                text=form.data["answer"],
                by=current_user,
                role=role,
                now=clock.now(),
            )
            flash(_("Your answer stands on the report’s page."))
            done = redirect_to("reports_desk.questions", slug=slug, report_slug=report_slug)
    return done or _page(*own_version(slug, report_slug), form, question_id)

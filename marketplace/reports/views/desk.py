"""A company's reports on its desk: draft, read the figures, write the words, publish."""

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden, Invalid, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.reports import policies, queries, service
from marketplace.reports.models import Report, ReportState
from marketplace.reports.schemas import DraftInput, WordsInput

blueprint = Blueprint("reports_desk", __name__)

Page = tuple[str, int] | Response


@blueprint.route("/company/<slug>/reports", methods=["GET", "POST"])
@access("member")
def reports(slug: str) -> Page:
    """List the company's reports, and begin one."""
    company = own_membership(slug).company
    form = load_form(DraftInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        try:
            with atomic():
                report = service.draft(company=company, **form.data, now=clock.now())
            return redirect_to("reports_desk.report", slug=slug, report_slug=report.slug)
        except Invalid as error:
            form.refuse(error.fields)
    return render(
        "reports/desk/reports.html",
        422 if form.errors else 200,
        company=own_membership(slug).company,
        reports=queries.list_of_company(company.id),
        may_report=policies.may_report(company),
        form=form,
    )


@blueprint.route("/company/<slug>/reports/<report_slug>", methods=["GET", "POST"])
@access("member")
def report(slug: str, report_slug: str) -> Page:
    """Show a draft with its figures as they are now; save its words, or publish it."""
    membership = own_membership(slug)
    found = queries.get_report(slug, report_slug)
    if found.company_id != membership.company_id:
        raise NotFound
    if request.method == "GET":
        return _page(found, Form(), may_publish=policies.may_publish(membership))
    form = load_form(WordsInput())
    if form.ok:
        what = form.data.pop("what")
        if what == "publish" and not policies.may_publish(membership):
            raise Forbidden(_l("An owner of the company publishes and signs the report."))
        try:
            with atomic():
                service.write(report_id=found.id, **form.data)
                if what == "publish":
                    service.publish(report_id=found.id, by=current_user, now=clock.now())
        except Invalid as error:
            form.refuse(error.fields)
        else:
            return _onwards(slug, report_slug, published=what == "publish")
    found = queries.get_report(slug, report_slug)
    return _page(found, form, may_publish=policies.may_publish(membership), status=422)


def _onwards(slug: str, report_slug: str, *, published: bool) -> Response:
    if published:
        flash(_("The report is public. Its figures stay as they are now."))
        return redirect_to("reports.report", slug=slug, report_slug=report_slug)
    flash(_("Saved."))
    return redirect_to("reports_desk.report", slug=slug, report_slug=report_slug)


def _page(found: Report, form: Form, *, may_publish: bool, status: int = 200) -> Page:
    if found.state is ReportState.PUBLISHED and not form.errors:
        return redirect_to("reports.report", slug=found.company.slug, report_slug=found.slug)
    figures = queries.figures(found.company_id, found.starts_on, found.ends_on)
    return render(
        "reports/desk/report.html",
        status,
        company=found.company,
        report=found,
        figures=figures,
        form=form,
        may_publish=may_publish,
        may_report=policies.may_report(found.company),
    )

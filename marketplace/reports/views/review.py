"""A draft as readers will see it, and its review by a second person."""

from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies.models import CompanyMember
from marketplace.core import clock
from marketplace.core.errors import Forbidden
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.reports import policies, queries, service
from marketplace.reports.models import Version, VersionState
from marketplace.reports.rules import Figures
from marketplace.reports.schemas import ReviewInput
from marketplace.reports.views.desk import Page, blueprint, own_version
from marketplace.reports.views.public import restated
from marketplace.reports.views.telling import as_of_text, telling


@blueprint.get("/company/<slug>/reports/<report_slug>/preview")
@access("member")
def preview(slug: str, report_slug: str) -> Page:
    """Show a version that is not published as its readers would see it."""
    membership, found = own_version(slug, report_slug)
    if found.state is VersionState.PUBLISHED:
        return redirect_to("reports.report", slug=slug, report_slug=report_slug)
    return _page(membership, found, Form())


def _page(membership: CompanyMember, found: Version, form: Form) -> Page:
    is_draft = found.state is VersionState.DRAFT
    figures = (
        queries.figures_now(found.report, found) if is_draft else Figures.from_json(found.figures)
    )
    people = queries.count_people(found.report.company_id)
    return render(
        "reports/desk/preview.html",
        422 if form.errors else 200,
        **telling(
            found,
            figures,
            list(queries.list_projects(found.id)),
            base="",
            shares=queries.list_claims(found.id),
        ),
        as_of="" if is_draft else as_of_text(found),
        restated=restated(
            found, queries.list_versions(found.report_id, before=found.number), figures
        ),
        form=form,
        is_alone=people < 2,
        may_review=policies.may_review(found, current_user.id),
        may_publish=policies.is_ready(found, people=people) and policies.may_publish(membership),
    )


@blueprint.post("/company/<slug>/reports/<report_slug>/review")
@access("member")
def review(slug: str, report_slug: str) -> Page:
    """Approve what was handed in, send it back, or put it before the public."""
    membership, found = own_version(slug, report_slug)
    form = load_form(ReviewInput())
    what = form.data.get("what")
    if what == "send_back" and not form.data["note"]:
        form.refuse({"note": _("Say what has to change.")})
    if what == "publish" and not policies.may_publish(membership):
        raise Forbidden(_l("An owner of the company publishes and signs the report."))
    done: Response | None = None
    if form.ok:
        with attempt(form):
            done = _decide(found, str(what), form.data["note"])
    return done or _page(*own_version(slug, report_slug), form)


def _decide(found: Version, what: str, note: str) -> Response:
    now = clock.now()
    here = {"slug": found.report.company.slug, "report_slug": found.report.slug}
    if what == "approve":
        service.approve(version_id=found.id, by=current_user, now=now)
        return redirect_to("reports_desk.preview", **here)
    if what == "send_back":
        service.send_back(version_id=found.id, note=note, by=current_user, now=now)
        return redirect_to("reports_desk.report", **here)
    service.publish(version_id=found.id, by=current_user, now=now)
    return redirect_to("reports.report", **here)

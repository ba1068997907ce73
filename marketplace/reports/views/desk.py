"""A company's reports on its desk: draft, order the parts, read the figures, write the words."""

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.companies.models import CompanyMember
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Forbidden, NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.web import Form, access, attempt, load_form, redirect_to, render
from marketplace.questions import queries as questions
from marketplace.questions.models import of_report
from marketplace.reports import policies, queries, service
from marketplace.reports.models import Version, VersionState
from marketplace.reports.rules import LATE, NEEDED, By, Figures, Part, changes
from marketplace.reports.schemas import DraftInput, WordsInput, part_moved
from marketplace.reports.views.public import written
from marketplace.reports.views.telling import telling
from marketplace.reports.views.words import PARTS

blueprint = Blueprint("reports_desk", __name__)

Page = tuple[str, int] | Response

HINTS = {
    Part.TIME: _l(
        "How many hours, whose, for what. Leave it empty if there is nothing to say: then the part "
        "is not shown."
    ),
    Part.IN_KIND: _l("What you gave without being paid, and what it is worth at cost."),
    Part.MANAGEMENT: _l("What choosing, paying and reporting cost you; it is no gift."),
    Part.BADLY: _l("Needed. People believe the rest because of it."),
    Part.METHOD: _l("How figures are counted is said already; add what is your own."),
    Part.SIGN_OFF: _l(
        "One sentence to sign: “I have compared these figures with our books. I answer for them.”"
    ),
}


def own_version(slug: str, report_slug: str) -> tuple[CompanyMember, Version]:
    """Return who is here and the newest version of a report of their company.

    :raises NotFound: it is not theirs.
    """
    membership = own_membership(slug)
    found = queries.get_newest(slug, report_slug)
    if found.report.company_id != membership.company_id:
        raise NotFound
    return membership, found


@blueprint.route("/company/<slug>/reports", methods=["GET", "POST"])
@access("member")
def reports(slug: str) -> Page:
    """List the company's reports, and begin one."""
    company = own_membership(slug).company
    form = load_form(DraftInput()) if request.method == "POST" else Form()
    if request.method == "POST" and form.ok:
        with attempt(form):
            version = service.begin(company=company, **form.data, now=clock.now())
            return redirect_to("reports_desk.report", slug=slug, report_slug=version.report.slug)
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
    """Show the newest version: a draft to write, what waits for review, or what is published."""
    membership, found = own_version(slug, report_slug)
    if request.method == "GET":
        if found.state is VersionState.PUBLISHED:
            return _published(found)
        if found.state is not VersionState.DRAFT:
            return redirect_to("reports_desk.preview", slug=slug, report_slug=report_slug)
        return _draft(membership, found, Form())
    form = load_form(WordsInput())
    if form.ok:
        done = _save(membership, found, form)
        if done is not None:
            return done
        membership, found = own_version(slug, report_slug)
    return _draft(membership, found, form, status=422)


def _save(membership: CompanyMember, found: Version, form: Form) -> Response | None:
    """Save what was written and do what the button says; None where something is wrong."""
    what, move = form.data["what"], form.data["move"]
    here = {"slug": found.report.company.slug, "report_slug": found.report.slug}
    if what == "publish" and not policies.may_publish(membership):
        raise Forbidden(_l("An owner of the company publishes and signs the report."))
    with attempt(form):
        service.write(version_id=found.id, written=form.data["written"])
        if move:
            part, is_up = part_moved(move)
            service.move(version_id=found.id, part=part, up=is_up)
    if form.ok and what in ("submit", "publish"):
        _hand_in(found, form, is_whole=what == "publish")
    if not form.ok:
        return None
    if what == "publish":
        flash(_("The report is public. Its figures stay as they are now."))
        return redirect_to("reports.report", **here)
    if what in ("submit", "preview"):
        return redirect_to("reports_desk.preview", **here)
    if not move:
        flash(_("Saved."))
    anchor = {"_anchor": f"f-text_{part_moved(move)[0]}"} if move else {}
    return redirect_to("reports_desk.report", **here, **anchor)


def _hand_in(found: Version, form: Form, *, is_whole: bool) -> None:
    """Take the figures; a company of one person publishes at once."""
    with attempt(form):
        last = queries.lock_end_of_book()
    with attempt(form):
        now = clock.now()
        service.submit(version_id=found.id, last_transaction_id=last, by=current_user, now=now)
        if is_whole:
            service.publish(version_id=found.id, by=current_user, now=now)


def _draft(membership: CompanyMember, found: Version, form: Form, status: int = 200) -> Page:
    if found.state is not VersionState.DRAFT:
        return redirect_to(
            "reports_desk.report", slug=membership.company.slug, report_slug=found.report.slug
        )
    return render(
        "reports/desk/report.html",
        status,
        **telling(found, queries.figures_now(found.report, found), [], base=""),
        sections=sorted(found.sections, key=lambda one: one.position),
        part_names=PARTS,
        needed=NEEDED,
        hints=HINTS,
        form=form,
        is_alone=queries.count_people(found.report.company_id) < 2,
        may_publish=policies.may_publish(membership),
        may_report=policies.may_report(found.report.company),
    )


def _published(found: Version) -> Page:
    figures = Figures.from_json(found.figures)
    now = queries.figures_now(found.report, found)
    differs = [one for one in changes(figures, now, LATE) if one.by == By.ALL]
    return render(
        "reports/desk/published.html",
        **telling(found, figures, [], base=""),
        differs=written([one for one in differs if one.figure in figures], found.report.currency),
        may_report=policies.may_report(found.report.company),
        unanswered=questions.count_unanswered(of_report(found.report)),
    )


@blueprint.post("/company/<slug>/reports/<report_slug>/restate")
@access("member")
def restate(slug: str, report_slug: str) -> Response:
    """Begin the next version of a published report."""
    _membership, found = own_version(slug, report_slug)
    with atomic():
        service.restate(version=found, now=clock.now())
    return redirect_to("reports_desk.report", slug=slug, report_slug=report_slug)


@blueprint.post("/company/<slug>/reports/<report_slug>/discard")
@access("member")
def discard(slug: str, report_slug: str) -> Response:
    """Throw a draft away."""
    _membership, found = own_version(slug, report_slug)
    with atomic():
        service.discard(version_id=found.id, by=current_user, now=clock.now())
    flash(_("The draft is gone."))
    return redirect_to("reports_desk.reports", slug=slug)

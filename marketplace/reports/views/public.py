"""A published report as a page: the newest version, or one that was."""

from flask import Blueprint

from marketplace.core.i18n import _l
from marketplace.core.web import access, render
from marketplace.questions.models import of_report
from marketplace.questions.views import talk
from marketplace.reports import queries
from marketplace.reports.models import Version
from marketplace.reports.policies import is_suspended
from marketplace.reports.queries import Stand
from marketplace.reports.rules import (
    SETTLES,
    By,
    Change,
    Figure,
    Figures,
    address_of,
    changes,
)
from marketplace.reports.views.telling import as_of_text, telling
from marketplace.reports.views.words import amount_of, figure_name, group_name

blueprint = Blueprint("reports", __name__)

SUSPENDED = _l(
    "This company is suspended while something is looked into. What it published stays readable, "
    "as it was; it publishes nothing new."
)


def own_address(version: Version, *, is_newest: bool) -> str:
    """Return where a version stands: the newest at the report's own address."""
    report = version.report
    return address_of(report.company.slug, report.slug, None if is_newest else version.number)


@blueprint.get("/companies/<slug>/reports/<report_slug>")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>")
@access("public")
def report(slug: str, report_slug: str, number: int | None = None) -> tuple[str, int]:
    """Show a report."""
    found = queries.get_published(slug, report_slug, number)
    stands = queries.list_versions(found.report_id, before=found.number)
    is_newest = stands[0].number == found.number
    figures = Figures.from_json(found.figures)
    address = own_address(found, is_newest=is_newest)
    company = found.report.company
    return render(
        "reports/report.html",
        **telling(
            found,
            figures,
            list(queries.list_projects(found.id)),
            base=f"{address}/entries",
            shares=queries.list_claims(found.id),
        ),
        talk=talk.newest(of_report(found.report, found.title)),
        address=address,
        own_address=own_address(found, is_newest=True),
        notice=SUSPENDED if is_suspended(company) else "",
        as_of=as_of_text(found),
        stands=stands,
        newest=stands[0],
        restated=restated(found, stands, figures),
        drift=drift_of(found, figures) if is_newest else None,
    )


def restated(
    version: Version, stands: list[Stand], figures: Figures
) -> list[tuple[str, str, str, str]]:
    """Return what a version says otherwise than the one before: what, was, is, by how much."""
    before = next((one for one in stands if one.figures is not None), None)
    if before is None or before.figures is None:
        return []
    found = changes(Figures.from_json(before.figures), figures, frozenset(Figure) - SETTLES)
    told = [one for one in found if one.by in (By.ALL, By.PROJECT)]
    return written(told, version.report.currency)


def written(found: list[Change], currency: str) -> list[tuple[str, str, str, str]]:
    """Return differences as people read them."""
    rows = []
    for one in found:
        name = figure_name(one.figure)
        if one.by != By.ALL:
            name = f"{name}: {group_name(one.by, one.of, one.label, currency)}"
        amounts = (one.old, one.new, one.difference)
        old, new, difference = (amount_of(one.figure, amount, currency) for amount in amounts)
        rows.append((name, old, new, f"+{difference}" if one.difference > 0 else difference))
    return rows


def drift_of(version: Version, figures: Figures) -> tuple[object, list[tuple[str, ...]]] | None:
    """Return when the book was last found to say otherwise, and what; None where it does not."""
    found = queries.find_drift(version.id)
    if found is None:
        return None
    now = Figures.from_json(found.figures)
    rows = [one for one in changes(figures, now) if now.find(one.figure) is not None]
    return found.asked_at, list(written(rows, version.report.currency))

"""A published report: page, PDF, CSV and JSON."""

import csv
import io
from collections.abc import Callable

from flask import Blueprint, Response, current_app, jsonify

from marketplace.companies.models import Company, CompanyState
from marketplace.core.cells import csv_cell
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _, _l
from marketplace.core.money import to_decimal_text
from marketplace.core.rich_text import render_markdown
from marketplace.core.web import access, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import long_date, long_time, plain_money
from marketplace.look.charts import Series, bar_chart
from marketplace.reports import queries
from marketplace.reports.models import Report, ReportState
from marketplace.reports.pdf import make_pdf
from marketplace.reports.rules import Figures, rows_of

blueprint = Blueprint("reports", __name__)

SUSPENDED = _l(
    "This company is suspended while something is looked into. What it published stays readable, "
    "as it was; it publishes nothing new."
)


def load_published(slug: str, report_slug: str) -> tuple[Report, Figures]:
    """Return a published report; it stays readable whatever becomes of its company.

    :raises NotFound: there is none.
    """
    found = queries.get_report(slug, report_slug)
    if found.state is not ReportState.PUBLISHED:
        raise NotFound
    return found, Figures.from_json(found.figures)


@blueprint.get("/companies/<slug>/reports/<report_slug>")
@access("public")
def report(slug: str, report_slug: str) -> tuple[str, int]:
    """Show a report."""
    found, figures = load_published(slug, report_slug)
    return render(
        "reports/report.html",
        report=found,
        company=found.company,
        figures=figures,
        notice=SUSPENDED if _is_suspended(found.company) else "",
        as_of=_as_of(found),
        message=render_markdown(found.message),
        done_badly=render_markdown(found.done_badly),
        chart=_chart(found, figures),
    )


def _is_suspended(company: Company) -> bool:
    return company.state is CompanyState.SUSPENDED


def _chart(found: Report, figures: Figures) -> object:
    return bar_chart(
        title=_("What %(company)s gave, by month", company=found.company.name),
        labels=[one.month for one in figures.months],
        series=[Series("in edge", _("Given"), [one.amount_minor for one in figures.months])],
        write=lambda minor: plain_money(minor, found.currency),
    )


@blueprint.get("/companies/<slug>/reports/<report_slug>.json")
@access("public")
def as_json(slug: str, report_slug: str) -> Response:
    """Serve the report's figures to programs."""
    found, figures = load_published(slug, report_slug)
    return jsonify(
        company=found.company.slug,
        is_company_suspended=_is_suspended(found.company),
        title=found.title,
        starts_on=found.starts_on.isoformat(),
        ends_on=found.ends_on.isoformat(),
        currency=found.currency,
        as_of=found.as_of.isoformat() if found.as_of else None,
        last_transaction=found.last_transaction_id,
        figures=figures.to_json(),
    )


@blueprint.get("/companies/<slug>/reports/<report_slug>.csv")
@access("public")
def as_csv(slug: str, report_slug: str) -> Response:
    """Serve the report's figures to spreadsheets; no cell can be taken for a formula."""
    found, figures = load_published(slug, report_slug)
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["figure", "of", "amount", "currency"])
    for what, of, minor in rows_of(figures):
        writer.writerow(
            [what, csv_cell(of), to_decimal_text(minor, found.currency), found.currency]
        )
    answer = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={found.slug}.csv"
    return answer


@blueprint.get("/companies/<slug>/reports/<report_slug>.pdf")
@access("public")
def as_pdf(slug: str, report_slug: str) -> Response:
    """Serve the report as a document for paper and archives."""
    found, figures = load_published(slug, report_slug)
    answer = Response(
        make_pdf(_document(found, figures), at=found.published_at or found.created_at),
        content_type="application/pdf",
    )
    answer.headers["Content-Disposition"] = f"inline; filename={found.slug}.pdf"
    return answer


def _document(found: Report, figures: Figures) -> dict[str, object]:
    """Return what the PDF says, in the page's language."""

    def amount(minor: int) -> str:
        return plain_money(minor, found.currency)

    signer = found.published_by.name if found.published_by else ""
    return {
        "lang": current_language(),
        "company": found.company.name,
        "title": found.title,
        "period": _period(found),
        "given": amount(figures.given_minor),
        "message": found.message.split("\n\n"),
        "badly": found.done_badly.split("\n\n"),
        "figures": [
            [_("Sales, VAT included"), amount(figures.sales_minor)],
            [_("Of that, given back"), amount(figures.returned_minor)],
            *_net_rows(figures, amount),
            [_("Given to projects"), amount(figures.given_minor)],
            [_("of that, pending"), amount(figures.pending_minor)],
            [_("of that, confirmed"), amount(figures.confirmed_minor)],
            [_("Shoppers’ own donations, not counted as ours"), amount(figures.top_up_minor)],
        ],
        "projects": [[one.title, amount(one.amount_minor)] for one in figures.projects],
        "months": [[one.month, amount(one.amount_minor)] for one in figures.months],
        "chart": _paper_chart(figures),
        "chart_alt": _("What %(company)s gave, by month", company=found.company.name),
        "signed": f"{signer}, {found.company.name}, {long_date(found.published_at)}",
        "address": f"{current_app.config['PUBLIC_URL']}/companies/{found.company.slug}"
        f"/reports/{found.slug}",
        "as_of": _as_of(found),
        "notice": str(SUSPENDED) if _is_suspended(found.company) else "",
        "words": {
            "what": _("What"),
            "amount": _("Amount"),
            "given_by": _("given by us to projects that our customers chose"),
            "figures": _("The figures"),
            "projects": _("By project"),
            "months": _("By month"),
            "badly": _("What went badly"),
            "signed": _("Signed by"),
            "check": _("Every figure opens down to its entries at"),
        },
    }


def _net_rows(figures: Figures, amount: Callable[[int], str]) -> list[list[str]]:
    """Return the sales without VAT and the VAT, in reports that tell them."""
    if figures.net_sales_minor is None or figures.vat_minor is None:
        return []
    return [
        [_("Net sales: what stayed sold, without VAT"), amount(figures.net_sales_minor)],
        [_("VAT on it"), amount(figures.vat_minor)],
    ]


def _as_of(found: Report) -> str:
    """Return up to which entry of the ledger the figures go."""
    return str(
        _(
            "Figures as of %(moment)s UTC, up to entry %(number)s of the ledger.",
            moment=long_time(found.as_of),
            number=found.last_transaction_id,
        )
    )


def _period(found: Report) -> str:
    start, end = long_date(found.starts_on), long_date(found.ends_on)
    return str(_("%(start)s to %(end)s", start=start, end=end))


def _paper_chart(figures: Figures) -> str:
    """Return the bars with their colours in them: paper has no stylesheet."""
    most = max([one.amount_minor for one in figures.months], default=0) or 1
    width = 640 / max(len(figures.months), 1)
    bars = "".join(
        f'<rect x="{place * width + 6:.1f}" y="{150 - 140 * max(one.amount_minor, 0) / most:.1f}" '
        f'width="{width - 12:.1f}" height="{140 * max(one.amount_minor, 0) / most:.1f}" '
        'fill="#F4BE3D" stroke="#8A5D00"/>'
        f'<text x="{place * width + width / 2:.1f}" y="168" text-anchor="middle" '
        f'font-family="Instrument Sans" font-size="11" fill="#17262B">{one.month[2:]}</text>'
        for place, one in enumerate(figures.months)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 180">{bars}</svg>'

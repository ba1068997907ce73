"""What a figure of a report is made of: a page, and a file with the same columns."""

import csv
import io
from typing import NamedTuple

from flask import Response, request

from marketplace.core.cells import csv_cell
from marketplace.core.money import LARGEST_MINOR, to_decimal_text
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, render
from marketplace.reports import queries
from marketplace.reports.models import Report
from marketplace.reports.rules import Figure
from marketplace.reports.views.public import blueprint, load_published

COLUMNS = ("entry", "day", "what", "of what", "amount", "currency")


class Wanted(NamedTuple):
    """Which figure, and of it only one project or month."""

    figure: Figure
    project: str | None
    month: str | None


def _wanted() -> Wanted:
    asked = request.args.get("figure", Figure.GIVEN)
    figure = Figure(asked) if asked in list(Figure) else Figure.GIVEN
    return Wanted(figure, request.args.get("project") or None, request.args.get("month") or None)


def _after() -> tuple[int, int]:
    """Return where the page begins; what is no such place begins the list anew."""
    number, place = decode_cursor(request.args.get("after"), 2) or queries.BEGINNING
    if not (isinstance(number, int) and isinstance(place, int)):
        return queries.BEGINNING
    if not (0 <= number <= LARGEST_MINOR and 0 <= place <= LARGEST_MINOR):
        return queries.BEGINNING
    return number, place


@blueprint.get("/companies/<slug>/reports/<report_slug>/entries")
@access("public")
def entries(slug: str, report_slug: str) -> tuple[str, int]:
    """List the entries that a figure is made of, without anybody's personal data."""
    found, _figures = load_published(slug, report_slug)
    wanted, after = _wanted(), _after()
    figure, project, month = wanted
    counted, total_minor = queries.count_entries(found, figure, project=project, month=month)
    return render(
        "reports/entries.html",
        report=found,
        company=found.company,
        wanted=wanted,
        counted=counted,
        total_minor=total_minor,
        page=queries.list_entries(found, figure, project=project, month=month, after=after),
        is_first=after == queries.BEGINNING,
    )


@blueprint.get("/companies/<slug>/reports/<report_slug>/entries.csv")
@access("public")
def entries_csv(slug: str, report_slug: str) -> Response:
    """Serve all entries of a figure to spreadsheets; no cell can be taken for a formula."""
    found, _figures = load_published(slug, report_slug)
    wanted = _wanted()
    answer = Response(_table(found, wanted), content_type="text/csv; charset=utf-8")
    parts = (found.slug, wanted.figure.value.replace("_", "-"))
    answer.headers["Content-Disposition"] = f"attachment; filename={'-'.join(parts)}.csv"
    return answer


def _table(report: Report, wanted: Wanted) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for entry in queries.list_all_entries(
        report, wanted.figure, project=wanted.project, month=wanted.month
    ):
        amount = to_decimal_text(entry.amount_minor, report.currency)
        day = f"{entry.at:%Y-%m-%d}"
        about = csv_cell(entry.about)
        writer.writerow([entry.number, day, entry.what, about, amount, report.currency])
    return file.getvalue()

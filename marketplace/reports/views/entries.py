"""What a figure of a report is made of: a page, and a file with the same columns."""

import csv
import io

from flask import Response, request

from marketplace.core.cells import csv_cell
from marketplace.core.money import LARGEST_MINOR, to_decimal_text
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, render
from marketplace.reports import queries
from marketplace.reports.models import Version
from marketplace.reports.queries import Wanted
from marketplace.reports.rules import COUNTS, By, Figure, Figures
from marketplace.reports.views.indexing import target_text
from marketplace.reports.views.public import blueprint, own_address
from marketplace.reports.views.words import figure_name, group_name

COLUMNS = ("entry", "day", "what", "of what", "amount", "currency")
LONGEST_NAME = 200


def _wanted() -> Wanted:
    """Return what is asked for: orders by their sales; what is no figure, by what was given."""
    asked, by = request.args.get("figure", ""), request.args.get("by", "")
    figure = Figure(asked) if asked in list(Figure) else Figure.GIVEN
    if figure is Figure.ORDERS:
        figure = Figure.SALES
    of = request.args.get("of", "")[:LONGEST_NAME].replace("\x00", "")
    return Wanted(figure, By(by), of) if by in list(By) else Wanted(figure)


def _after() -> tuple[int, int]:
    """Return where the page begins; what is no such place begins the list anew."""
    number, place = decode_cursor(request.args.get("after"), 2) or queries.BEGINNING
    if not (isinstance(number, int) and isinstance(place, int)):
        return queries.BEGINNING
    if not (0 <= number <= LARGEST_MINOR and -LARGEST_MINOR <= place <= LARGEST_MINOR):
        return queries.BEGINNING
    return number, place


@blueprint.get("/companies/<slug>/reports/<report_slug>/entries")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>/entries")
@access("public")
def entries(slug: str, report_slug: str, number: int | None = None) -> tuple[str, int]:
    """List the entries that a figure is made of, without anybody's personal data."""
    found = queries.get_published(slug, report_slug, number)
    wanted, after = _wanted(), _after()
    counted, total = queries.count_entries(found, wanted)
    return render(
        "reports/entries.html",
        version=found,
        report=found.report,
        company=found.report.company,
        address=own_address(found, is_newest=number is None),
        name=_name(found, wanted),
        wanted=wanted,
        target_text=target_text(),
        is_count=wanted.figure in COUNTS,
        counted=counted,
        total=total,
        page=queries.list_entries(found, wanted, after=after),
        is_first=after == queries.BEGINNING,
    )


def _name(version: Version, wanted: Wanted) -> str:
    name = figure_name(wanted.figure)
    if wanted.by is By.ALL:
        return name
    groups = Figures.from_json(version.figures).by(wanted.by)
    label = next((one.label for one in groups if one.of == wanted.of), "")
    if not any(one.of == wanted.of for one in groups):
        return name
    return f"{name}, {group_name(wanted.by, wanted.of, label, version.report.currency)}"


@blueprint.get("/companies/<slug>/reports/<report_slug>/entries.csv")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>/entries.csv")
@access("public")
def entries_csv(slug: str, report_slug: str, number: int | None = None) -> Response:
    """Serve all entries of a figure to spreadsheets; no cell can be taken for a formula."""
    found = queries.get_published(slug, report_slug, number)
    wanted = _wanted()
    answer = Response(_table(found, wanted), content_type="text/csv; charset=utf-8")
    parts = (found.report.slug, wanted.figure.value.replace("_", "-"))
    answer.headers["Content-Disposition"] = f"attachment; filename={'-'.join(parts)}.csv"
    return answer


def _table(version: Version, wanted: Wanted) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    currency, is_count = version.report.currency, wanted.figure in COUNTS
    for entry in queries.list_all_entries(version, wanted):
        amount = entry.amount if is_count else to_decimal_text(entry.amount, currency)
        writer.writerow(
            [
                entry.number,
                f"{entry.at:%Y-%m-%d}",
                entry.what,
                csv_cell(entry.about),
                amount,
                "" if is_count else currency,
            ]
        )
    return file.getvalue()

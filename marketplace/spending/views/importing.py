"""A project's own table of spendings, brought as CSV with the receipts beside it."""

import csv
import io
import tempfile
from pathlib import Path

from flask import Response, request
from flask_login import current_user

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _
from marketplace.core.reading.report import NotThisKind, Refused, Report
from marketplace.core.reading.table import Table, open_table
from marketplace.core.web import Form, access, render
from marketplace.projects.models import Project
from marketplace.projects.views.desk import own
from marketplace.spending import service
from marketplace.spending.rules import COLUMNS, KNOWN, MOST_ROWS, NEEDED, read_row
from marketplace.spending.service import Line
from marketplace.spending.views.desk import Receipt, blueprint, store_receipt

MOST_RECEIPTS = 40


@blueprint.get("/project-desk/<slug>/spending/import")
@access("member")
def bring(slug: str) -> tuple[str, int]:
    """Show how a table has to look."""
    return _page(own(slug), Form(), None, 200)


@blueprint.get("/project-desk/<slug>/spending/template.csv")
@access("member")
def template(slug: str) -> Response:
    """Answer an empty table with our columns."""
    own(slug)
    target = io.StringIO()
    csv.writer(target).writerow(names[0] for names in COLUMNS.values())
    answer = Response(target.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="spending.csv"'
    return answer


@blueprint.post("/project-desk/<slug>/spending/import")
@access("member")
def take(slug: str) -> tuple[str, int]:
    """Take over a table: each row whole, or refused with its line and the reason."""
    form, report = Form(), Report()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.refuse({"file": _("Choose a file first.")})
        return _page(own(slug), form, None, 422)
    with tempfile.TemporaryDirectory(prefix="causeway-upload-") as folder:
        path = Path(folder) / "table"
        file.save(path)
        try:
            table = _open(path)
            with atomic():
                project = own(slug)
                service.bring(
                    project=project,
                    by=current_user,
                    lines=_lines(table, project, report),
                    receipts=_receipts(),
                    report=report,
                    now=clock.now(),
                )
        except NotThisKind as error:
            form.refuse({"file": error.message})
        except Invalid as error:
            form.refuse(error.fields or {"receipts": error.message})
    return _page(own(slug), form, None if form.errors else report, 422 if form.errors else 200)


def _page(project: Project, form: Form, report: Report | None, status: int) -> tuple[str, int]:
    refusals = sorted(report.refusals, key=lambda one: one.line) if report else []
    return render(
        "spending/desk/import.html",
        status,
        project=project,
        columns=[names[0] for names in COLUMNS.values()],
        report=report,
        refusals=refusals,
        most=MOST_RECEIPTS,
        form=form,
    )


def _open(path: Path) -> Table:
    """Open a table that has the columns every row needs.

    :raises NotThisKind: it is none, or a column is missing.
    """
    table = open_table(path, KNOWN)
    ours = {KNOWN.get(column) for column in table.columns}
    missing = [name for name in NEEDED if name not in ours]
    if missing:
        raise NotThisKind(_("These columns are missing: %(names)s.", names=", ".join(missing)))
    return table


def _lines(table: Table, project: Project, report: Report) -> list[Line]:
    """Read the rows; what cannot be understood stands in the report.

    :raises NotThisKind: there are too many.
    """
    found, today = [], clock.now().date()
    for place, row in enumerate(table.rows()):
        if place >= MOST_ROWS:
            raise NotThisKind(_("At most %(most)s rows fit into one file.", most=MOST_ROWS))
        cells = {KNOWN[name]: text for name, text in row.cells.items() if name in KNOWN}
        try:
            if row.trouble is not None:
                raise Refused(row.line, row.trouble)
            found.append(Line(row.line, read_row(row.line, cells, project.currency, today)))
        except Refused as refused:
            report.refuse(refused)
    return found


def _receipts() -> dict[str, Receipt]:
    """Check and keep the receipts that came along.

    :raises Invalid: one is neither picture nor PDF; its name is told.
    """
    given = [file for file in request.files.getlist("receipts") if file.filename]
    if len(given) > MOST_RECEIPTS:
        raise Invalid(
            fields={"receipts": _("At most %(most)s receipts at a time.", most=MOST_RECEIPTS)}
        )
    kept = []
    for file in given:
        name = str(file.filename)
        try:
            kept.append((name, store_receipt(file.read(), clock.now().date())))
        except Invalid as error:
            said = _("%(what)s: %(detail)s", what=name[:100], detail=str(error.message))
            raise Invalid(fields={"receipts": said}) from None
    return service.receipts_named(kept)

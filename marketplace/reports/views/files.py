"""A published report for programs, spreadsheets and paper."""

import csv
import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify

from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.cells import csv_cell
from marketplace.core.db import atomic
from marketplace.core.money import to_decimal_text
from marketplace.core.web import access
from marketplace.core.web.languages import current_language
from marketplace.look.pdf import make_pdf
from marketplace.reports import queries, service
from marketplace.reports.models import Version
from marketplace.reports.rules import COUNTS, Figures
from marketplace.reports.schemas import signed_output
from marketplace.reports.views.paper import document_of
from marketplace.reports.views.public import blueprint

TEMPLATE = Path(__file__).parents[1] / "report.typ"
COLUMNS = ("figure", "definition", "by", "of", "label", "amount", "unit")


@blueprint.get("/companies/<slug>/reports/<report_slug>.json")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>.json")
@access("public")
def as_json(slug: str, report_slug: str, number: int | None = None) -> Response:
    """Serve the report to programs: as the API does."""
    found = queries.get_published(slug, report_slug, number)
    return jsonify(_output(found, is_newest=number is None))


def _output(found: Version, *, is_newest: bool) -> dict[str, Any]:  # Any: JSON
    return signed_output(
        found,
        queries.list_claims(found.id),
        public_url=public_url(),
        is_newest=is_newest,
        signer=current_app.config["LOG_SIGNER"],
    )


@blueprint.get("/companies/<slug>/reports/<report_slug>.csv")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>.csv")
@access("public")
def as_csv(slug: str, report_slug: str, number: int | None = None) -> Response:
    """Serve the report's figures to spreadsheets; no cell can be taken for a formula."""
    found = queries.get_published(slug, report_slug, number)
    currency = found.report.currency
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in Figures.from_json(found.figures).rows:
        is_count = row.figure in COUNTS
        writer.writerow(
            [
                row.figure,
                found.query_version,
                row.by,
                csv_cell(row.of),
                csv_cell(row.label),
                row.amount if is_count else to_decimal_text(row.amount, currency),
                "" if is_count else currency,
            ]
        )
    answer = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"{found.report.slug}-{found.number}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.csv"
    return answer


@blueprint.get("/companies/<slug>/reports/<report_slug>.pdf")
@blueprint.get("/companies/<slug>/reports/<report_slug>/versions/<int:number>.pdf")
@access("public")
def as_pdf(slug: str, report_slug: str, number: int | None = None) -> Response:
    """Serve the report as a document for paper and archives."""
    found = queries.get_published(slug, report_slug, number)
    is_newest = number is None
    data = json.dumps(_output(found, is_newest=is_newest), ensure_ascii=False, indent=1)
    told = document_of(found, is_newest=is_newest, attached=data)
    at = found.published_at or found.created_at
    made = make_pdf(told, at=at, template=TEMPLATE)
    with atomic():
        service.remember_file(
            sha256=sha256(made).digest(),
            version_id=found.id,
            language=current_language(),
            now=clock.now(),
        )
    answer = Response(made, content_type="application/pdf")
    name = f"{found.report.slug}-{found.number}"
    answer.headers["Content-Disposition"] = f"inline; filename={name}.pdf"
    return answer

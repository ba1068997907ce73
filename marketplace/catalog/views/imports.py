"""Products from another shop's file, in the browser: look at it, then have it imported."""

import csv
import io
import tempfile
import uuid
from pathlib import Path

from flask import Blueprint, Response, request
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from marketplace.catalog.imports import runs
from marketplace.catalog.imports.records import Terms
from marketplace.catalog.models import ImportRun
from marketplace.catalog.queries import desk
from marketplace.catalog.schemas import ImportInput
from marketplace.catalog.views.own import own_company
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.cells import csv_cell
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.ids import new_id
from marketplace.core.reading.report import NotThisKind
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.media import storage

blueprint = Blueprint("product_imports", __name__)
LARGEST_FILE = 200 * 1024 * 1024
SHOWN_REFUSALS = 100

Page = tuple[str, int]


@blueprint.url_value_preprocessor
def allow_large_files(endpoint: str | None, _values: object) -> None:
    """Let this one form be large; it runs before anything reads the form."""
    if endpoint == "product_imports.upload":
        request.max_content_length = LARGEST_FILE


@blueprint.get("/company/<slug>/import")
@access("member")
def uploads(slug: str) -> Page:
    """Show the form, and what was imported before."""
    return _upload_page(own_company(slug), Form())


@blueprint.post("/company/<slug>/import")
@access("member")
def upload(slug: str) -> Page | AnyResponse:
    """Take a file and look at its beginning."""
    company = own_company(slug)
    form = load_form(ImportInput())
    file = request.files.get("file")
    if file is None or not file.filename:
        form.refuse({"file": _("Choose a file first.")})
    elif form.ok:
        try:
            run_id = _keep(company, file, form.data["format"])
        except NotThisKind as error:
            form.refuse({"file": error.message})
        else:
            return redirect_to("product_imports.show", slug=slug, run_id=run_id)
    return _upload_page(company, form, status=422)


def _keep(company: Company, file: FileStorage, wanted: str) -> uuid.UUID:
    key = f"{runs.UPLOADS}/{new_id().hex}"
    with tempfile.TemporaryDirectory(prefix="causeway-upload-") as folder:
        path = Path(folder) / "upload"
        file.save(path)
        kind, result = runs.preview(path, Terms(company.currency), wanted)
        with path.open("rb") as source:
            storage.put(key, source)
    with atomic():
        run = runs.keep_preview(
            company_id=company.id,
            user_id=current_user.id,
            file_name=file.filename or "",
            format_name=kind,
            storage_key=key,
            result=result,
            now=clock.now(),
        )
    return run.id


def _upload_page(company: Company, form: Form, *, status: int = 200) -> Page:
    imports = desk.list_imports(company.id)
    return render("catalog/desk/upload.html", status, company=company, form=form, imports=imports)


@blueprint.get("/company/<slug>/import/<uuid:run_id>")
@access("member")
def show(slug: str, run_id: uuid.UUID) -> Page:
    """Show what would be imported, how far it is, or what became of it."""
    company = own_company(slug)
    run = desk.get_import(company.id, run_id)
    reason = run.result.get("reason")
    return render(
        "catalog/desk/import.html",
        company=company,
        run=run,
        result=run.result,
        refusals=_refusals(run)[:SHOWN_REFUSALS],
        reason=_(str(reason)) if reason else "",
    )


@blueprint.post("/company/<slug>/import/<uuid:run_id>")
@access("member")
def start(slug: str, run_id: uuid.UUID) -> AnyResponse:
    """Have a file imported."""
    company = own_company(slug)
    with atomic():
        runs.start(run=desk.get_import(company.id, run_id))
    return redirect_to("product_imports.show", slug=slug, run_id=run_id)


@blueprint.get("/company/<slug>/import/<uuid:run_id>/refused.csv")
@access("member")
def refused(slug: str, run_id: uuid.UUID) -> Response:
    """Answer what was refused as a table for spreadsheets."""
    run = desk.get_import(own_company(slug).id, run_id)
    response = Response(_table(run), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _table(run: ImportRun) -> str:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([_("Line"), _("Reason"), _("Found")])
    for line, reason, value in _refusals(run):
        writer.writerow([line, csv_cell(reason), csv_cell(value)])
    return "\ufeff" + target.getvalue()


def _refusals(run: ImportRun) -> list[tuple[int, str, str]]:
    """Return line, reason in the reader's language, and what was found."""
    kept = run.result.get("refusals")
    return (
        [(line, _(reason), value) for line, reason, value in kept] if isinstance(kept, list) else []
    )

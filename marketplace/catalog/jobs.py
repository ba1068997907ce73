"""Imports that run while nobody waits."""

import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from marketplace.catalog.imports import importer, runs
from marketplace.catalog.imports.source import open_source
from marketplace.catalog.models import ImportRun
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.i18n import _l
from marketplace.core.reading.report import NotThisKind, Report
from marketplace.core.worker import task
from marketplace.media import storage

KEPT_FOR = timedelta(days=7)
GONE = _l("The file is no longer there.")


@task("run_import")
def run_import(run_id: str) -> None:
    """Import an uploaded file; a second time it changes nothing."""
    number = uuid.UUID(run_id)
    run = session.get(ImportRun, number)
    if run is None or run.state != "running":
        return
    key = run.storage_key
    with tempfile.TemporaryDirectory(prefix="causeway-upload-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as target:
            is_there = storage.copy_to(key, target)
        if not is_there:
            _fail(number, str(GONE))
            return
        try:
            report = _imported(number, run.company_id, run.format, path)
        except NotThisKind as error:
            _fail(number, str(error))
            return
    with atomic():
        runs.finish(run=_fresh(number), report=report)
    storage.delete([key])


def _imported(number: uuid.UUID, company_id: uuid.UUID, kind: str, path: Path) -> Report:
    def progress(done: int, total: int) -> None:
        with atomic():
            runs.note_progress(run=_fresh(number), done=done, total=total)

    return importer.run(
        open_source(path, kind),
        company=companies.get_company(company_id),
        transaction=atomic,
        now=clock.now(),
        progress=progress,
    )


def _fresh(number: uuid.UUID) -> ImportRun:
    return session.get_one(ImportRun, number, populate_existing=True)


def _fail(number: uuid.UUID, reason: str) -> None:
    with atomic():
        runs.fail(run=_fresh(number), reason=reason)


@task("sweep_uploads", every="47 3 * * *")
def sweep_uploads() -> None:
    """Take away uploaded product files that nobody imported within a week."""
    before = clock.now() - KEPT_FOR
    waiting = storage.list_stored(runs.UPLOADS)
    storage.delete([stored.name for stored in waiting if stored.modified_at < before])

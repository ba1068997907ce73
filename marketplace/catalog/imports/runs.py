"""Imports that a company makes in the browser: looked at first, then run by the worker."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from marketplace.catalog.imports.records import ProductRecord, Terms
from marketplace.catalog.imports.source import fill, open_source, products
from marketplace.catalog.models import ImportRun
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.ids import new_id
from marketplace.core.reading.report import Refusal, Report
from marketplace.core.reading.spool import Spool

UPLOADS = "imports"
"""Where uploaded files wait in the storage."""

PREVIEW_ROWS = 2_000
SHOWN_PRODUCTS = 20
KEPT_REFUSALS = 5_000

Result = dict[str, Any]  # Any: JSON


def preview(path: Path, terms: Terms, wanted: str) -> tuple[str, Result]:
    """Read the beginning of a file; return its format and what would become of it.

    :raises NotThisKind: it is no product file.
    """
    source = open_source(path, wanted)
    report = Report()
    shown: list[ProductRecord] = []
    number = 0
    with Spool() as spool:
        is_all = fill(source, spool, report, most_rows=PREVIEW_ROWS)
        for number, record in enumerate(products(source, spool, terms, report), start=1):
            if number <= SHOWN_PRODUCTS:
                shown.append(record)
    mapping = [[title, meaning] for title, meaning in source.mapping()]
    return source.kind.name, {
        "label": source.kind.label,
        "mapping": mapping,
        "products": [_shown(record) for record in shown],
        "taken": number,
        "refused": report.skipped,
        "refusals": _refusals(report.refusals[:100]),
        "is_all": is_all,
    }


def _shown(record: ProductRecord) -> Result:
    return {
        "title": record.title,
        "line": record.line,
        "price_minor": min(variant.price_minor for variant in record.variants),
        "variants": len(record.variants),
        "on_hand": sum(variant.on_hand or 0 for variant in record.variants),
        "is_published": record.is_published,
    }


def _refusals(refusals: Sequence[Refusal]) -> list[list[object]]:
    return [[refusal.line, refusal.reason, refusal.value] for refusal in refusals]


def keep_preview(
    *,
    company_id: uuid.UUID,
    user_id: uuid.UUID,
    file_name: str,
    format_name: str,
    storage_key: str,
    result: Result,
    now: datetime,
) -> ImportRun:
    """Keep what was found, for the company to decide."""
    run = ImportRun(
        id=new_id(),
        company_id=company_id,
        created_by_id=user_id,
        file_name=file_name[-200:],
        format=format_name,
        storage_key=storage_key,
        state="previewed",
        result=result,
        created_at=now,
    )
    session.add(run)
    session.flush()
    return run


def start(*, run: ImportRun) -> None:
    """Hand an import to the worker.

    :raises Conflict: it was started before.
    """
    if run.state != "previewed":
        raise Conflict
    run.state = "running"
    run.result = {"label": run.result.get("label"), "done": 0, "total": 0}
    jobs.enqueue("run_import", run_id=str(run.id))


def note_progress(*, run: ImportRun, done: int, total: int) -> None:
    """Keep how far an import has come."""
    run.result = {**run.result, "done": done, "total": total}


def finish(*, run: ImportRun, report: Report) -> None:
    """Keep what an import did, with the first of what was refused."""
    run.state = "done"
    ordered = sorted(report.refusals, key=lambda refusal: refusal.line)
    run.result = {
        "label": run.result.get("label"),
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "refusals": _refusals(ordered[:KEPT_REFUSALS]),
    }


def fail(*, run: ImportRun, reason: str) -> None:
    """Keep why an import could not be made."""
    run.state = "failed"
    run.result = {"label": run.result.get("label"), "reason": reason}

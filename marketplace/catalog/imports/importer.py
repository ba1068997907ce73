"""One import from beginning to end: for the command line and for the browser's job alike."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa

from marketplace.catalog.imports import writer
from marketplace.catalog.imports.records import ProductRecord, Terms
from marketplace.catalog.imports.source import Source, fill, products
from marketplace.companies.models import Company
from marketplace.core.i18n import _l
from marketplace.core.reading.report import Refused, Report
from marketplace.core.reading.spool import Spool

BATCH = 200
NOT_SAVED = _l("The database refused this product.")

Transaction = Callable[[], AbstractContextManager[object]]
Progress = Callable[[int, int], None]
"""Called with the number of products done and their total."""

Thing = TypeVar("Thing")


def run(
    source: Source,
    *,
    company: Company,
    transaction: Transaction,
    now: datetime,
    progress: Progress = lambda _done, _total: None,
) -> Report:
    """Import a file; the caller's `transaction` commits each batch, or undoes it for a dry run.

    A batch that the database refuses is tried again product by product, so that one bad product
    costs only itself.

    :raises NotThisKind: the file turns out to be broken; nothing of it is imported then.
    """
    report = Report()
    with Spool() as spool:
        fill(source, spool, report)
        total = spool.count()
        done = [0]

        def count() -> None:
            done[0] += 1

        found = products(source, spool, Terms(company.currency), report, done=count)
        with transaction():
            shelves = writer.shelves_by_name()
        for batch in _batches(found):
            _save(batch, report, transaction, company=company, shelves=shelves, now=now)
            progress(done[0], total)
        progress(total, total)
    return report


def _batches(records: Iterable[ProductRecord]) -> Iterator[list[ProductRecord]]:
    iterator = iter(records)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _save(
    batch: list[ProductRecord],
    report: Report,
    transaction: Transaction,
    **terms: object,
) -> None:
    before = (report.created, report.updated, report.unchanged)
    try:
        with transaction():
            writer.save(batch, report=report, **terms)  # type: ignore[arg-type]  # passed on as given
    except (sa.exc.IntegrityError, sa.exc.DataError) as error:
        report.created, report.updated, report.unchanged = before
        if len(batch) == 1:
            constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
            report.refuse(Refused(batch[0].line, NOT_SAVED, constraint or batch[0].title))
            return
        for record in batch:
            _save([record], report, transaction, **terms)

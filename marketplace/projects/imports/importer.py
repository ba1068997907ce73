"""One import of projects from beginning to end."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.reading.report import Report
from marketplace.core.reading.spool import Spool
from marketplace.core.slugs import slug_of, with_suffix
from marketplace.projects.imports.records import ProjectRecord
from marketplace.projects.imports.source import Format, fill, projects
from marketplace.projects.models import Cause, Project, ProjectState

BATCH = 200
NO_CAUSES = _l("There are no causes yet to which projects could belong.")

Transaction = Callable[[], AbstractContextManager[object]]


def run(
    path: Path,
    kind: Format,
    *,
    transaction: Transaction,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Import a file of projects; they are proposed, an operator verifies them.

    :raises NotThisKind: the file turns out to be broken; nothing of it is imported then.
    :raises Conflict: there is no cause.
    """
    report = Report()
    with Spool() as spool:
        fill(path, kind, spool, report)
        total = spool.count()
        done = [0]

        def count() -> None:
            done[0] += 1

        with transaction():
            causes = _causes()
        for batch in _batches(projects(kind, spool, report, done=count)):
            with transaction():
                save(batch, causes=causes, report=report, now=now)
            progress(done[0], total)
        progress(total, total)
    return report


def _batches(records: Iterable[ProjectRecord]) -> Iterator[list[ProjectRecord]]:
    iterator = iter(records)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _causes() -> dict[int, uuid.UUID]:
    """Return a cause for each of the 17 goals: its own, else the first of all."""
    ordered = session.execute(sa.select(Cause.sdg, Cause.id).order_by(Cause.position, Cause.id))
    causes = [(sdg, cause_id) for sdg, cause_id in ordered]
    if not causes:
        raise Conflict(NO_CAUSES)
    own = dict(reversed(causes))
    return {sdg: own.get(sdg, causes[0][1]) for sdg in range(1, 18)}


def save(
    records: Sequence[ProjectRecord],
    *,
    causes: Mapping[int, uuid.UUID],
    report: Report,
    now: datetime,
) -> None:
    """Create, update or leave alone the projects of a batch.

    Once somebody has verified a project its texts are its owners', and a file changes nothing.
    """
    refs = [record.external_ref for record in records]
    columns = (Project.external_ref, Project.id, Project.import_hash, Project.state)
    there = {
        row.external_ref: row
        for row in session.execute(sa.select(*columns).where(Project.external_ref.in_(refs)))
    }
    fresh = [record for record in records if record.external_ref not in there]
    changed = [
        _values(record, causes) | {"id": kept.id}
        for record in records
        if (kept := there.get(record.external_ref))
        and kept.import_hash != record.digest
        and kept.state is ProjectState.PROPOSED
    ]
    if fresh:
        _create(fresh, causes=causes, now=now)
    if changed:
        session.execute(sa.update(Project), changed)
    report.created += len(fresh)
    report.updated += len(changed)
    report.unchanged += len(records) - len(fresh) - len(changed)


def _create(
    records: Sequence[ProjectRecord], *, causes: Mapping[int, uuid.UUID], now: datetime
) -> None:
    wanted = [slug_of(record.title, fallback="project") for record in records]
    taken = set(session.scalars(sa.select(Project.slug).where(Project.slug.in_(wanted))))
    rows = []
    for record, slug in zip(records, wanted, strict=True):
        project_id = new_id()
        free = with_suffix(slug, project_id.hex) if slug in taken else slug
        taken.add(free)
        rows.append(
            _values(record, causes)
            | {
                "id": project_id,
                "slug": free,
                "external_ref": record.external_ref,
                "state": ProjectState.PROPOSED,
                "created_at": now,
            }
        )
    session.execute(sa.insert(Project), rows)


def _values(record: ProjectRecord, causes: Mapping[int, uuid.UUID]) -> dict[str, object]:
    return {
        "title": record.title,
        "summary": record.summary,
        "story": record.story,
        "organisation": record.organisation,
        "place": record.place,
        "country": record.country,
        "cause_id": causes[record.sdg],
        "sdgs": [record.sdg],
        "currency": record.currency,
        "goal_minor": record.goal_minor,
        "source": record.source,
        "import_hash": record.digest,
    }

"""A file of projects: what kind it is, and its projects one after the other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.core.i18n import _l
from marketplace.core.reading.elements import xml_elements
from marketplace.core.reading.objects import json_objects
from marketplace.core.reading.report import NotThisKind, Refused, Report
from marketplace.core.reading.spool import Group, Spool
from marketplace.core.reading.table import Row, open_table
from marketplace.projects.imports import activities, grants, loans
from marketplace.projects.imports.records import SAME_ID, ProjectRecord

START = 4096
TROUBLE = "\0trouble"
GRANTS = "grants.item"


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    name: str
    name_of: Callable[[int, Mapping[str, Any]], str]  # Any: JSON
    project_of: Callable[[Group], ProjectRecord]
    rows: Callable[[Path], Iterator[Row]]


def _grants(path: Path) -> Iterator[Row]:
    return (Row(line, grant) for line, grant in json_objects(path, GRANTS))


def _activities(path: Path) -> Iterator[Row]:
    found = xml_elements(path, "iati-activities", "iati-activity")
    return (Row(line, activities.cells_of(node)) for line, node in found)


def _loans(path: Path) -> Iterator[Row]:
    return open_table(path, loans.NEEDS).rows()


GIVING_360 = Format("360giving", grants.name_of, grants.project_of, _grants)
KIVA = Format("kiva", loans.name_of, loans.project_of, _loans)
IATI = Format("iati", activities.name_of, activities.project_of, _activities)
FORMATS = {kind.name: kind for kind in (GIVING_360, KIVA, IATI)}


def kind_of(path: Path, wanted: str = "auto") -> Format:
    """Find out what kind of file this is.

    :raises NotThisKind: none that we read, or not the one that was asked for.
    """
    with path.open("rb") as file:
        start = file.read(START).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if not start:
        raise NotThisKind(_l("The file is empty."))
    if start.startswith("<"):
        return _xml_kind(path, wanted)
    is_json = start[:1] in "{["
    if is_json and wanted in ("auto", GIVING_360.name):
        if next(json_objects(path, GRANTS), None) is None:
            raise NotThisKind(_l("There are no grants in this file."))
        return GIVING_360
    if is_json or wanted not in ("auto", KIVA.name):
        raise NotThisKind(_l("This is not a file of the kind %(kind)s.", kind=wanted))
    if not set(open_table(path, loans.NEEDS).columns) >= loans.NEEDS:
        raise NotThisKind(_l("The columns are not those of Kiva's loans."))
    return KIVA


def _xml_kind(path: Path, wanted: str) -> Format:
    if wanted not in ("auto", IATI.name):
        raise NotThisKind(_l("This is not a file of the kind %(kind)s.", kind=wanted))
    if next(_activities(path), None) is None:
        raise NotThisKind(_l("There are no activities in this file."))
    return IATI


def fill(path: Path, kind: Format, spool: Spool, report: Report) -> None:
    """Put all records side by side by their ids, so that a doubled one is seen."""
    for row in kind.rows(path):
        if row.trouble:
            report.refuse(Refused(row.line, row.trouble))
            continue
        try:
            spool.add(kind.name_of(row.line, row.cells), row.line, row.cells)
        except Refused as refused:
            report.refuse(refused)


def projects(
    kind: Format, spool: Spool, report: Report, *, done: Callable[[], object]
) -> Iterator[ProjectRecord]:
    """Yield the projects that can be taken; what cannot goes into the report."""
    for group in spool.groups():
        for line, _doubled in group.rows[1:]:
            report.refuse(Refused(line, SAME_ID, group.name))
        try:
            yield kind.project_of(group)
        except Refused as refused:
            report.refuse(refused)
        done()

"""Writing the files of an edition, and putting them where they can be had."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.media import storage
from marketplace.opendata import queries
from marketplace.opendata.queries import FOLDER, MANIFEST, Edition, Made
from marketplace.opendata.rules import giving360, iati, table
from marketplace.opendata.rules.records import Format, Publisher

T = TypeVar("T")


class NothingToTell(Conflict):
    """The file would be empty, and an empty one is none in these formats."""

    message = _l("There is nothing to export yet: no gift is confirmed, or no project is open.")


class _Counted(Generic[T]):
    """Passes things on and knows how many."""

    def __init__(self, things: Iterable[T]) -> None:
        self._things = things
        self.count = 0

    def __iter__(self) -> Iterator[T]:
        for one in self._things:
            self.count += 1
            yield one


def write(*, kind: Format, path: Path, publisher: Publisher, now: datetime) -> int:
    """Write everything in a format into a file, and return how many entries it has.

    Call it where all reads see one moment.

    :raises NothingToTell: there is no entry; the file is of no use then.
    """
    activities, grants = _Counted(queries.list_activities()), _Counted(queries.list_grants())
    parts = {
        Format.GIVING_360: giving360.package(grants, publisher, now),
        Format.IATI: iati.activities(activities, publisher, now),
        Format.CSV: table.rows(grants, publisher),
    }[kind]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(parts)
    entries = activities.count or grants.count
    if not entries:
        raise NothingToTell
    return entries


def write_all(*, folder: Path, publisher: Publisher, now: datetime) -> Edition:
    """Write a file of each format that has something to tell into a folder."""
    files = []
    for kind in Format:
        path = folder / kind.file_name
        try:
            entries = write(kind=kind, path=path, publisher=publisher, now=now)
        except NothingToTell:
            continue
        digest = _digest(path)
        name = f"{FOLDER}/{digest[:32]}-{kind.file_name}"
        files.append(Made(kind, name, path.stat().st_size, digest, entries))
    return Edition(now, tuple(files))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(*, edition: Edition, folder: Path) -> None:
    """Put an edition where everybody finds it: first the files, then the list that names them.

    The edition before stays for those who are reading it; older ones are deleted.
    """
    before = queries.find_edition()
    for made in edition.files:
        with (folder / made.kind.file_name).open("rb") as file:
            storage.put(made.stored_as, file)
    told = {
        "made_at": edition.made_at.isoformat(),
        "files": [asdict(made) for made in edition.files],
    }
    storage.put(MANIFEST, json.dumps(told).encode())
    files = edition.files + (before.files if before else ())
    kept = {MANIFEST, *(made.stored_as for made in files)}
    there = [stored.name for stored in storage.list_stored(FOLDER)]
    storage.delete([name for name in there if name not in kept])

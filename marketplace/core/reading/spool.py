"""Puts rows that belong together side by side, on disk: files order them as they like."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

AT_ONCE = 2000
MOST_ROWS = 5000
_SETUP = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -16000;
pragma temp_store = file;
create table record (seq integer primary key, name text not null, line integer, body text);
create table alias (other text primary key, name text not null) without rowid;
begin;
"""
_GROUPED = """
update record set name = (select a.name from alias a where a.other = record.name)
 where name in (select other from alias);
create index record_name on record (name, seq);
create table head as select name, min(seq) as first from record group by name;
create index head_name on head (name);
"""
_ORDER = """
select head.first, record.seq from record join head using (name)
 order by head.first, record.seq
"""


@dataclass(frozen=True)
class Group:
    """The rows of one thing in the order of the file; `is_cut` if there are absurdly many."""

    name: str
    rows: list[tuple[int, dict[str, Any]]]  # Any: JSON
    is_cut: bool = False

    @property
    def line(self) -> int:
        """Return the line that it begins on."""
        return self.rows[0][0]


class Spool:
    """A temporary file of rows with a name; memory stays the same however many there are."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="causeway-import-")
        path = Path(self._folder.name) / "rows.sqlite"
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(_SETUP)
        self._waiting: list[tuple[str, int, str]] = []
        self._is_grouped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, name: str, line: int, body: Mapping[str, object]) -> None:
        """Add a row of the thing called `name`."""
        self._waiting.append((name, line, json.dumps(body, ensure_ascii=True, default=str)))
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def alias(self, other: str, name: str) -> None:
        """Let rows called `other` belong to `name`; the first to say so is right."""
        self._db.execute("insert or ignore into alias values (?, ?)", (other, name))

    def count(self) -> int:
        """Return how many things there are; no rows may be added after this."""
        self._group()
        return int(self._db.execute("select count(*) from head").fetchone()[0])

    def groups(self) -> Iterator[Group]:
        """Yield the things in the order in which they first appear."""
        self._group()
        order = self._db.execute(_ORDER)
        first, name = None, ""
        rows: list[tuple[int, dict[str, Any]]] = []  # Any: JSON
        is_cut = False
        for head, seq in order:
            if head != first:
                if rows:
                    yield Group(name, rows, is_cut)
                first, rows, is_cut = head, [], False
            if len(rows) >= MOST_ROWS:
                is_cut = True
                continue
            name, line, body = self._db.execute(
                "select name, line, body from record where seq = ?", (seq,)
            ).fetchone()
            rows.append((line, json.loads(body)))
        if rows:
            yield Group(name, rows, is_cut)

    def _write(self) -> None:
        self._db.executemany(
            "insert into record (name, line, body) values (?, ?, ?)", self._waiting
        )
        self._waiting.clear()

    def _group(self) -> None:
        if not self._is_grouped:
            self._write()
            for statement in _GROUPED.strip().split(";"):
                self._db.execute(statement)
            self._is_grouped = True

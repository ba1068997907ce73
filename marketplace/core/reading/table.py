"""CSV as shops write it: any of four delimiters, any encoding, quoted newlines, broken rows."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from marketplace.core.i18n import _l
from marketplace.core.reading.report import NotThisKind
from marketplace.core.reading.text import encoding_of, plain

DELIMITERS = ",;\t|"
LONGEST_LINE = 1_000_000
HEADER_ROOM = 65_536
SMALLEST_TABLE = 2

TOO_MANY_CELLS = _l("The row has more cells than the header.")
TOO_LONG = _l("A field is too long, or its quote is never closed.")
HAS_NUL = _l("The row has a NUL character in it.")

Cells = dict[str, str]
"""What stands in a row, by column name in lower case; blank cells are left out."""


@dataclass(frozen=True)
class Row:
    """A record and the physical line it begins on; `trouble` says why it cannot be used."""

    line: int
    cells: Cells
    trouble: object = None


@dataclass(frozen=True)
class Table:
    """A CSV file that could be opened: its column names as written and in lower case."""

    path: Path
    encoding: str
    delimiter: str
    titles: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns in lower case, on one line."""
        return tuple(column_name(title) for title in self.titles)

    def rows(self) -> Iterator[Row]:
        """Yield the records behind the header, holding one of them in memory."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            yield from _rows(file, self.delimiter, self.columns)


def column_name(title: str) -> str:
    """Return a column's title in lower case, on one line."""
    return " ".join(title.replace("\ufeff", "").lower().split())


def open_table(path: Path, known: Collection[str]) -> Table:
    """Find out how a file is written: the delimiter that yields most known columns wins.

    :raises NotThisKind: the file is empty or has no header of at least two columns.
    """
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        start = file.read(HEADER_ROOM).lstrip("\r\n")
    best: tuple[tuple[int, int], str, list[str]] = ((0, 0), ",", [])
    for delimiter in DELIMITERS:
        titles = _first_record(start, delimiter)
        score = (sum(column_name(title) in known for title in titles), len(titles))
        best = max(best, (score, delimiter, titles), key=lambda candidate: candidate[0])
    _score, delimiter, titles = best
    while titles and not titles[-1].strip():
        titles.pop()
    if len(titles) < SMALLEST_TABLE or any("\x00" in title for title in titles):
        raise NotThisKind(_l("This is not a table: the first line should name the columns."))
    return Table(path, encoding, delimiter, tuple(title.strip() for title in titles))


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error:
        return []


def _lines(file: TextIO) -> Iterator[str]:
    """Yield physical lines; of one that is absurdly long, the beginning."""
    while line := file.readline(LONGEST_LINE):
        rest = line
        while rest and len(rest) == LONGEST_LINE and not rest.endswith(("\n", "\r")):
            rest = file.readline(LONGEST_LINE)
        yield line


def _rows(file: TextIO, delimiter: str, columns: tuple[str, ...]) -> Iterator[Row]:
    reader = csv.reader(_lines(file), delimiter=delimiter)
    is_header, is_lost = True, False
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if not is_lost:
                yield Row(line, {}, TOO_LONG)
            is_lost = True
            continue
        if not any(values):
            continue
        if is_header:
            is_header = False
            continue
        if is_lost and len(values) != len(columns):
            continue  # the rest of a field that was too long, until a whole row comes again
        is_lost = False
        yield _row(line, values, columns)


def _row(line: int, values: list[str], columns: tuple[str, ...]) -> Row:
    cells: Cells = {}
    for name, value in zip(columns, values, strict=False):
        if value and name and name not in cells and (text := plain(value)):
            cells[name] = text
    if any(value.strip() for value in values[len(columns) :]):
        return Row(line, cells, TOO_MANY_CELLS)
    if any("\x00" in value for value in values):
        return Row(line, cells, HAS_NUL)
    return Row(line, cells)

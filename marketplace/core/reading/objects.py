"""JSON files of any size as single objects, each with the line it begins on."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import ijson
from ijson.common import ObjectBuilder

from marketplace.core.i18n import _l
from marketplace.core.reading.report import NotThisKind

LONGEST_PART = 64 * 1024
MOST_EVENTS = 100_000


class _CountedLines:
    """Gives a parser one line at a time, so that we know where it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._is_inside = False
        self.line = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next line, or a part of a long one; ask for nothing and get nothing."""
        if size == 0:
            return b""
        part = self._file.readline(LONGEST_PART)
        if part and not self._is_inside:
            self.line += 1
        self._is_inside = bool(part) and not part.endswith(b"\n")
        return part


def json_objects(path: Path, prefix: str) -> Iterator[tuple[int, dict[str, Any]]]:  # Any: JSON
    """Yield the objects at `prefix` (ijson's: "grants.item"), numbers as int or Decimal.

    :raises NotThisKind: it is not JSON, or an object is absurdly large.
    """
    with path.open("rb") as file:
        lines = _CountedLines(file)
        builder: ObjectBuilder | None = None
        start = events = 0
        try:
            for where, event, value in ijson.parse(lines):
                if builder is None:
                    if where != prefix or event != "start_map":
                        continue
                    builder, start, events = ObjectBuilder(), lines.line, 0
                builder.event(event, value)
                events += 1
                if events > MOST_EVENTS:
                    raise NotThisKind(_l("An object in this file is too large."))
                if where == prefix and event == "end_map":
                    yield start, builder.value
                    builder = None
        except (ijson.JSONError, ValueError) as error:
            raise NotThisKind(
                _l("The JSON is broken at line %(line)s.", line=lines.line)
            ) from error

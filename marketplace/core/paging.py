"""Pages of long lists by key, never by OFFSET: the hundredth page costs what the first costs."""

import base64
import json
import math
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

_LARGEST = 2**63 - 1
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
"""What no text in PostgreSQL has; JSON can say both."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursor at which the next page begins."""

    rows: Sequence[Row]
    next_cursor: str | None


def encode_cursor(key: Sequence[object]) -> str:
    """Return an opaque, URL-safe text for a sort key of strings, numbers and None."""
    text = json.dumps([part if isinstance(part, int | float | None) else str(part) for part in key])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[str | int | float | None] | None:
    """Return the sort key of a cursor, or None where it is none or was tampered with."""
    if not cursor or len(cursor) > 600:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return None
    plain = isinstance(key, list) and len(key) == length
    if not plain or not all(_is_comparable(part) for part in key):
        return None
    found: list[str | int | float | None] = key
    return found


def _is_comparable(part: object) -> bool:
    """Tell whether PostgreSQL could compare something with a column: text, a number or nothing."""
    if isinstance(part, str):
        return not _NO_TEXT.search(part)
    if isinstance(part, int) and not isinstance(part, bool):
        return abs(part) <= _LARGEST
    return part is None or (isinstance(part, float) and math.isfinite(part))


def decode_id_cursor(cursor: str | None) -> uuid.UUID | None:
    """Return the id that a page begins behind, or None where there is none."""
    key = decode_cursor(cursor, 1)
    try:
        return uuid.UUID(str(key[0])) if key else None
    except ValueError:
        return None


def page_of(rows: Sequence[Row], limit: int, key: Callable[[Row], Sequence[object]]) -> Page[Row]:
    """Make a page of at most `limit` rows out of a query that asked for one row more."""
    if len(rows) <= limit:
        return Page(rows, None)
    kept = rows[:limit]
    return Page(kept, encode_cursor(key(kept[-1])))

"""Where a page of news begins."""

import uuid
from datetime import UTC, datetime

from marketplace.core.paging import decode_cursor
from marketplace.following.queries.news import Place


def place(cursor: str | None) -> Place | None:
    """Return where a page begins; what is no such place begins the list anew."""
    key = decode_cursor(cursor, 2)
    try:
        if key is None:
            return None
        moment = datetime.fromisoformat(str(key[0]))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)), uuid.UUID(str(key[1]))
    except ValueError:
        return None

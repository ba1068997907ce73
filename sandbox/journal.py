"""The journal: every request that reached the sandbox, for tests that compare books."""

import re
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from sandbox.shapes import Json, JsonValue
from sandbox.store import Caller, Store

_SECRET = re.compile(r"^(card_number|number|card_cvc|cvc|account_number)$")


@dataclass(frozen=True)
class Entry:
    """One request: `status` is None when no reply was sent, `note` says what chaos did."""

    seq: int
    at: datetime
    method: str
    path: str
    account: str | None
    idempotency_key: str | None
    params: Json
    status: int | None
    object_id: str | None
    request_id: str
    note: str | None


def write(
    connection: Connection[TupleRow],
    caller: Caller,
    method: str,
    path: str,
    params: Json,
    *,
    status: int | None,
    object_id: str | None = None,
    note: str | None = None,
) -> None:
    """Add one line; numbers of cards and banks are shortened to their last four digits."""
    connection.execute(
        "INSERT INTO sandbox.journal (method, path, account, idempotency_key, params, status,"
        " object_id, request_id, note) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            method,
            path,
            caller.account,
            caller.idempotency_key,
            Jsonb(masked(params)),
            status,
            object_id,
            caller.request_id,
            note,
        ),
    )


def masked(value: JsonValue) -> JsonValue:
    """The same parameters without full numbers."""
    if isinstance(value, dict):
        return {
            key: f"...{str(item)[-4:]}" if _SECRET.match(key) and item else masked(item)
            for key, item in value.items()
        }
    return [masked(item) for item in value] if isinstance(value, list) else value


def read(store: Store, *, after: int = 0, path: str = "", limit: int = 1000) -> list[Entry]:
    """The journal in order, from after a sequence number, of paths that start with `path`."""
    with store.connection() as connection:
        cursor = connection.cursor(row_factory=class_row(Entry))
        return cursor.execute(
            "SELECT seq, at, method, path, account, idempotency_key, params, status, object_id,"
            " request_id, note FROM sandbox.journal"
            " WHERE seq > %s AND starts_with(path, %s) ORDER BY seq LIMIT %s",
            (after, path, limit),
        ).fetchall()

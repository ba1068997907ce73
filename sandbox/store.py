"""Objects in PostgreSQL: a pool, and one unit of work (= one transaction) per request."""

import copy
import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from sandbox.schema import install_schema
from sandbox.shapes import Json

API_VERSION = "2026-10-28.endive"
_ALPHABET = string.ascii_letters + string.digits
_SELECT = "SELECT id, type, account, data, internal, due FROM sandbox.object WHERE"


def new_id(prefix: str, length: int = 24) -> str:
    """An identifier in Stripe's form, such as `ch_` and 24 letters and digits."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass(eq=False)
class Record:
    """One stored object: `data` is what the API shows, `internal` what only the sandbox knows.

    `due` is the second of the sandbox's clock at which something happens to it by itself.
    """

    id: str
    type: str
    account: str | None
    data: Json
    internal: Json
    due: int | None = None
    fresh: bool = False
    locked: bool = False


@dataclass
class Caller:
    """Who asks: the connected account (None: the platform), the request's id and its key."""

    account: str | None = None
    request_id: str = field(default_factory=lambda: new_id("req", 14))
    idempotency_key: str | None = None


class Unit:
    """One transaction over the store; nothing is written before `flush`."""

    def __init__(
        self, connection: Connection[TupleRow], caller: Caller, settings: Mapping[str, Json]
    ) -> None:
        self.connection = connection
        self.caller = caller
        self.settings = settings
        self.now = int(time.time()) + int(settings.get("clock", {}).get("offset", 0))
        self.public_url = ""
        self._records: dict[str, Record] = {}
        self._changed: dict[str, Record] = {}
        self._events: list[Json] = []
        self.has_events = False

    def add(
        self,
        data: Json,
        *,
        account: str | None = None,
        internal: Json | None = None,
        due: int | None = None,
    ) -> Record:
        """Keep a new object; its `id` and `object` are in the data."""
        record = Record(
            data["id"], data["object"], account, data, internal or {}, due, fresh=True, locked=True
        )
        self._records[record.id] = record
        self._changed[record.id] = record
        return record

    def changed(self, record: Record) -> None:
        """Remember that a locked record has new data."""
        if not record.locked:
            raise RuntimeError(f"{record.id} was changed without a lock")
        self._changed[record.id] = record

    def get(self, object_id: str, *, lock: bool = False) -> Record | None:
        """Read one object, with a row lock if it will be changed."""
        known = self._records.get(object_id)
        if known and (known.locked or not lock):
            return known
        row = self.connection.execute(
            _SELECT + " id = %s" + (" FOR NO KEY UPDATE" if lock else ""),
            (object_id,),
        ).fetchone()
        return self._adopt(row, lock) if row else None

    def find(
        self, condition: str, values: Sequence[object], *, order: str = "seq", limit: int = 1000
    ) -> list[Record]:
        """Read objects by an SQL condition written in this package (values are bound)."""
        self.flush()
        rows = self.connection.execute(
            f"{_SELECT} {condition} ORDER BY {order} LIMIT %s",
            (*values, limit),
        ).fetchall()
        return [self._adopt(row, lock=False) for row in rows]

    def _adopt(self, row: TupleRow, lock: bool) -> Record:
        known = self._records.get(row[0])
        if known and known.locked:
            return known
        kind, account, data, internal, due = row[1:]
        record = Record(row[0], kind, account, data, internal, due, locked=lock)
        self._records[record.id] = record
        return record

    def emit(
        self,
        kind: str,
        record: Record,
        *,
        before: Json | None = None,
        account: str | None = None,
    ) -> None:
        """Record an event with the object as it is now; `before`: the old values of an update."""
        data: Json = {"object": copy.deepcopy(record.data)}
        if before is not None:
            data["previous_attributes"] = before
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {
                "id": self.caller.request_id,
                "idempotency_key": self.caller.idempotency_key,
            },
            "type": kind,
        }
        owner = account or record.account
        if owner:
            event["account"] = owner
        self._events.append(event)

    def flush(self) -> None:
        """Write what is new or changed: at most three statements."""
        fresh = [r for r in self._changed.values() if r.fresh]
        old = [r for r in self._changed.values() if not r.fresh]
        self._changed = {}
        if fresh:
            self._insert(fresh)
        if old:
            self._update(old)
        if self._events:
            self._insert_events()

    def _insert(self, records: list[Record]) -> None:
        self.connection.execute(
            "INSERT INTO sandbox.object (id, type, account, created, due, data, internal) "
            "SELECT r ->> 'id', r ->> 'type', r ->> 'account', %s, (r ->> 'due')::bigint,"
            " r -> 'data', r -> 'internal' "
            "FROM jsonb_array_elements(%s) WITH ORDINALITY AS t (r, n) ORDER BY n",
            (self.now, Jsonb([_row(record) for record in records])),
        )
        for record in records:
            record.fresh = False

    def _update(self, records: list[Record]) -> None:
        self.connection.execute(
            "UPDATE sandbox.object SET data = r -> 'data', internal = r -> 'internal',"
            " due = (r ->> 'due')::bigint "
            "FROM jsonb_array_elements(%s) AS t (r) WHERE object.id = r ->> 'id'",
            (Jsonb([_row(record) for record in records]),),
        )

    def _insert_events(self) -> None:
        self.connection.execute(
            "WITH e AS (INSERT INTO sandbox.event (id, type, account, created, data) "
            "SELECT r ->> 'id', r ->> 'type', r ->> 'account', %s, r "
            "FROM jsonb_array_elements(%s) WITH ORDINALITY AS t (r, n) ORDER BY n "
            "RETURNING id, seq) "
            "INSERT INTO sandbox.delivery (event_id, seq, due) SELECT id, seq, %s FROM e",
            (self.now, Jsonb(self._events), self.now),
        )
        self._events = []
        self.has_events = True

    def forget(self) -> None:
        """Drop everything not yet written and everything read (after a rollback)."""
        self._records, self._changed, self._events = {}, {}, []

    def lock_name(self, name: str) -> None:
        """Serialise with other transactions that lock the same name, until the end of this one."""
        self.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


def _row(record: Record) -> Json:
    return {
        "id": record.id,
        "type": record.type,
        "account": record.account,
        "due": record.due,
        "data": record.data,
        "internal": record.internal,
    }


class Store:
    """The sandbox's database; connects at first use, so that it can be made before a fork."""

    def __init__(self, dsn: str, *, public_url: str, pool_size: int = 16) -> None:
        self._dsn = dsn
        self._pool_size = pool_size
        self._pool: ConnectionPool[Connection[TupleRow]] | None = None
        self._opening = threading.Lock()
        self.public_url = public_url
        self.after_events: Callable[[], None] = lambda: None

    def _opened(self) -> ConnectionPool[Connection[TupleRow]]:
        with self._opening:
            if self._pool is None:
                install_schema(self._dsn)
                self._pool = ConnectionPool(
                    self._dsn, min_size=0, max_size=self._pool_size, max_idle=30, open=True
                )
        return self._pool

    @contextmanager
    def transaction(self, caller: Caller | None = None) -> Iterator[Unit]:
        """One database transaction; commits what the unit holds unless an exception leaves it."""
        with self._opened().connection() as connection, connection.transaction():
            rows = connection.execute("SELECT key, value FROM sandbox.setting").fetchall()
            unit = Unit(connection, caller or Caller(), dict(rows))
            unit.public_url = self.public_url
            yield unit
            unit.flush()
        if unit.has_events:
            self.after_events()

    @contextmanager
    def connection(self) -> Iterator[Connection[TupleRow]]:
        """A plain pooled connection, for the tables beside the objects."""
        with self._opened().connection() as connection:
            yield connection

    def change_setting(self, key: str, value: Json) -> None:
        """Store one setting, replacing its former value."""
        with self.connection() as connection:
            connection.execute(
                "INSERT INTO sandbox.setting (key, value) VALUES (%s, %s) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, Jsonb(value)),
            )

    def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

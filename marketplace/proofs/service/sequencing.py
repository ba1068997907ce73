"""Writing the log. One sequencer appends; nothing in it ever changes."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter

import psycopg

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.ledger import queries as ledger
from marketplace.proofs.models import Horizon, SignedCheckpoint
from marketplace.proofs.queries import log, sequencing
from marketplace.proofs.rules import events, notes, tree
from marketplace.proofs.rules.events import DaySums, Event
from marketplace.proofs.service import forgetting
from marketplace.proofs.verify import (
    HASH,
    MOVES,
    encode_sums,
    event_entry,
    leaf_hash,
)

BATCH = 20_000
"""Transfers in one transaction."""

LEAVES = (
    "index int8 entry bytea day date project_id uuid currency text "
    "transfer_id int8 position int4 move int2 amount_minor int8"
)
DAYS = (
    "index int8 project_id uuid currency text day date count int4 root bytea sums bytea total bytea"
)


class LogWasChanged(Conflict):
    """The leaves do not lead to the root that was signed last: nothing more is signed."""

    message = _l("The log is not what was signed.")


@dataclass(frozen=True)
class Run:
    """What one transaction of the sequencer did."""

    leaves: int
    last_id: int
    is_done: bool
    """Nothing waits any more."""


def sequence(*, signer: notes.Signer, now: datetime, after_id: int = 0, most: int = BATCH) -> Run:
    """Append what the ledger has and the log has not, and sign the new head. For one transaction.

    The first call of a run has no `after_id`; the following go on after `last_id`. Whoever finds
    another sequencer at work does nothing.

    :raises LogWasChanged: somebody changed a leaf that is not in a full tile yet.
    """
    if not sequencing.lock_sequencer():
        return Run(0, after_id, is_done=True)
    horizon = _horizon()
    newest = ledger.newest_id()
    oldest, following = ledger.transactions()
    reached = horizon.reaches_seen(oldest, following)
    after_id = after_id or horizon.done_id
    moved = sequencing.list_unlogged(after_id=after_id, limit=most)
    writer = _Writer(now.astimezone(UTC).date())
    writer.add([event for one in moved for event in events.events_of(one)])
    is_done = len(moved) < most
    if is_done:
        writer.end_day()
        if reached:
            horizon.done_id = max(horizon.done_id, horizon.seen_id)
            horizon.seen_id, horizon.seen_xid = newest, following
    if writer.size > writer.began:
        writer.flush()
        forgetting.forget_new(since_index=writer.began)
        _sign(signer, writer.edge, now)
    return Run(
        writer.size - writer.began, moved[-1].transfer_id if moved else after_id, is_done=is_done
    )


def _horizon() -> Horizon:
    horizon = session.get(Horizon, 1)
    if horizon is None:
        horizon = Horizon(id=1, done_id=0, seen_id=0, seen_xid=0)
        session.add(horizon)
    return horizon


class _Writer:
    """Collects leaves in order, and writes them at once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.began, self.day, self._is_open = sequencing.find_last()
        self.edge = log.frontier(self.began)
        head = log.find_head()
        if (head.size, head.root) != (self.began, self.edge.root()) if head else self.began:
            raise LogWasChanged
        self._flushed = self.began
        self._counts: dict[sequencing.Place, int] = {}
        self._leaves: list[tuple[object, ...]] = []
        self._salts: list[tuple[int, bytes]] = []

    @property
    def size(self) -> int:
        return self._flushed + len(self._leaves)

    def add(self, found: Sequence[Event]) -> None:
        """Append events by the day they happened on, unless its sums are published already."""
        dated = sorted(((self._day_of(event), event) for event in found), key=itemgetter(0))
        for day, group in groupby(dated, key=itemgetter(0)):
            if self._is_open and self.day != day:
                self._close()
            mine = [event for _day, event in group]
            places = {(event.project_id, event.currency) for event in mine}
            self._counts = sequencing.count_of_day(places, day)
            self.day, self._is_open = day, True
            for event in mine:
                self._append(event, day)

    def _day_of(self, event: Event) -> date:
        """Return the day in whose sums an event is counted; closed days stay closed."""
        first = self.day or date.min
        if self.day and not self._is_open:
            first = date.fromordinal(self.day.toordinal() + 1)
        return max(first, min(event.effective_at.astimezone(UTC).date(), self.today))

    def _append(self, event: Event, day: date) -> None:
        salt = os.urandom(HASH)
        place = (event.project_id, event.currency)
        index, position = self.size, self._counts[place]
        self._counts[place] = position + 1
        self._salts.append((index, salt))
        entry = event_entry(salt, event.text(day))
        move = MOVES.index(event.move)
        self._leaves.append(
            (index, entry, day, *place, event.transfer_id, position, move, event.amount_minor)
        )

    def end_day(self) -> None:
        """Publish the sums of the open day if it is over."""
        if self._is_open and self.day and self.day < self.today:
            self._close()

    def _close(self) -> None:
        """Append the sums of each project that had events on the open day."""
        self.flush()
        days, chunks = [], []
        rows = sequencing.list_open_leaves()
        by_place = {
            place: [(entry[1:], move, amount) for _, _, entry, move, amount in group]
            for place, group in groupby(rows, key=lambda row: (row[0], row[1]))
        }
        before = sequencing.totals_of(by_place)
        for (project_id, currency), leaves in by_place.items():
            roots = events.chunks_of(leaves)
            sums = events.close(
                project_id=project_id,
                currency=currency,
                day=self.day or self.today,
                chunks=roots,
                count=len(leaves),
                before=events.read_encoded(before.get((project_id, currency), b"\0")),
            )
            index = self.size
            self._leaves.append(
                (index, sums.entry(), sums.day, project_id, currency, None, None, None, None)
            )
            days.append(_day_row(index, sums))
            chunks += [
                (index, place, root, encode_sums(said)) for place, (root, said) in enumerate(roots)
            ]
        self._is_open = False
        self.flush()
        _copy("proof_day", DAYS, days)
        _copy("proof_chunk", "day_index int8 place int4 root bytea sums bytea", chunks)

    def flush(self) -> None:
        """Write what was collected, and the tiles that it fills."""
        rows, self._leaves = self._leaves, []
        self._flushed += len(rows)
        _copy("proof_leaf", LEAVES, rows)
        salts, self._salts = self._salts, []
        _copy("proof_salt", "index int8 salt bytea", salts)
        tiles = self.edge.append(leaf_hash(row[1]) for row in rows)  # type: ignore[arg-type]  # the entry
        _copy(
            "proof_tile",
            "level int2 index int8 hashes bytea root bytea",
            [(tile.level, tile.index, tile.hashes, tile.root) for tile in tiles],
        )


def _day_row(index: int, day: DaySums) -> tuple[object, ...]:
    return (
        index,
        day.project_id,
        day.currency,
        day.day,
        day.count,
        day.root,
        encode_sums(day.sums),
        encode_sums(day.total),
    )


def _copy(table: str, columns: str, rows: Collection[tuple[object, ...]]) -> None:
    """Write many rows in the session's own transaction; `columns` are names and types."""
    if not rows:
        return
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    names, types = columns.split()[::2], columns.split()[1::2]
    statement = f"copy {table} ({', '.join(names)}) from stdin (format binary)"
    with connection.cursor().copy(statement.encode()) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _sign(signer: notes.Signer, edge: tree.Frontier, now: datetime) -> None:
    root = edge.root()
    note = notes.sign(signer, edge.size, root)
    session.add(SignedCheckpoint(size=edge.size, root=root, note=note, signed_at=now))
    session.flush()

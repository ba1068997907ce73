"""The proof of a receipt: nine statements, however much was bought and however long the log is."""

import base64
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.proofs.queries import log
from marketplace.proofs.queries.invariants import ACCOUNTS_OF_PROJECTS
from marketplace.proofs.queries.log import Head
from marketplace.proofs.queries.sequencing import MOVED, moved_of
from marketplace.proofs.rules import events, tree
from marketplace.proofs.rules.events import Event
from marketplace.proofs.verify import TILE, SumNode

FORMAT = "causeway-proof/1"
Tree = tuple[uuid.UUID, str, date]
"""A project, a currency and a day: what a tree of sums is about."""


@dataclass(frozen=True)
class Logged:
    """An event of an order and its leaf; `salt` is gone where it was forgotten."""

    index: int
    day: date
    position: int
    event: Event
    salt: bytes | None

    @property
    def tree(self) -> Tree:
        """Return the tree of sums that it is counted in."""
        return self.event.project_id, self.event.currency, self.day


@dataclass(frozen=True)
class Closed:
    """A day that is over: the leaf of its sums, and the roots over each 256 of its events."""

    index: int
    text: str
    chunks: Sequence[SumNode]


_OF_ORDER = sa.text(
    f"""
    with mine as materialized ({ACCOUNTS_OF_PROJECTS} and account.id in (
        select unnest(array[debit_id, credit_id]) from ledger_transfer transfer
        join ledger_transaction transaction on transaction.id = transfer.transaction_id
        where transaction.subject_id = :order
    ))
    select {MOVED}, leaf.index, leaf.day, leaf.position, leaf.project_id, salt.salt
    from ledger_transaction transaction
    join ledger_transfer transfer on transfer.transaction_id = transaction.id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
    left join ledger_transfer origin on origin.id = transfer.origin_id
    left join proof_leaf leaf on leaf.transfer_id = transfer.id
    left join proof_salt salt on salt.index = leaf.index
    where transaction.subject_id = :order
        and (debit.id in (select id from mine) or credit.id in (select id from mine))
    order by transfer.id, leaf.index
    """  # noqa: S608  # our own constants
)


def receipt_proof(order_id: uuid.UUID, *, key: str, url: str) -> dict[str, object] | None:
    """Return what proves the events of an order (docs/proofs.md); None before the log begins."""
    head = log.find_head()
    if head is None:
        return None
    logged, waiting = _list_logged(order_id, head)
    known = [one for one in logged if one.salt is not None]
    closed = _list_closed({one.tree for one in known}, head)
    leaves = _list_neighbours(known, closed)
    places = [one.index for one in known] + [one.index for one in closed.values()]
    paths = _paths(places, head.size)
    return {
        "format": FORMAT,
        "log": {"origin": head.note.partition("\n")[0], "key": key, "url": url},
        "checkpoint": head.note,
        "names": _names({one.event.project_id for one in known}),
        "waiting": waiting,
        "forgotten": len(logged) - len(known),
        "events": [
            {
                "text": one.event.text(one.day),
                "salt": _b64(one.salt or b""),
                "index": one.index,
                "log_path": paths[one.index],
                "counted": _counted(one, closed.get(one.tree), leaves, paths),
            }
            for one in known
        ],
    }


def _list_logged(order_id: uuid.UUID, head: Head) -> tuple[list[Logged], int]:
    """Return the events of an order under a head, and how many transfers wait to be logged."""
    logged, waiting = [], 0
    for row in session.execute(_OF_ORDER, {"order": order_id}):
        *moved, index, day, position, project_id, salt = row
        if index is None or index >= head.size:
            waiting += 1
            continue
        of_both = events.events_of(moved_of(moved))
        event = next((one for one in of_both if one.project_id == project_id), None)
        if event is not None:
            logged.append(Logged(index, day, position, event, salt))
    return logged, waiting


_CLOSED = sa.text(
    """
    select day.index, day.project_id, day.currency, day.day, leaf.entry,
        array(select root from proof_chunk where day_index = day.index order by place),
        array(select sums from proof_chunk where day_index = day.index order by place)
    from unnest(cast(:projects as uuid[]), cast(:currencies as text[]), cast(:days as date[]))
        as wanted(project_id, currency, day)
    join proof_day day on day.project_id = wanted.project_id
        and day.currency = wanted.currency and day.day = wanted.day
    join proof_leaf leaf on leaf.index = day.index
    where day.index < :size
    """
)


def _list_closed(trees: Collection[Tree], head: Head) -> dict[Tree, Closed]:
    rows = session.execute(_CLOSED, {**_split(trees), "size": head.size})
    return {
        (project, currency, day): Closed(
            index,
            entry[1:].decode(),
            [(root, events.read_encoded(said)) for root, said in zip(roots, sums, strict=True)],
        )
        for index, project, currency, day, entry, roots, sums in rows
    }


_NEIGHBOURS = sa.text(
    """
    select leaf.project_id, leaf.currency, leaf.day, leaf.position, leaf.entry, leaf.move,
        leaf.amount_minor
    from unnest(cast(:projects as uuid[]), cast(:currencies as text[]), cast(:days as date[]),
        cast(:starts as int[])) as wanted(project_id, currency, day, start)
    join proof_leaf leaf on leaf.project_id = wanted.project_id
        and leaf.currency = wanted.currency and leaf.day = wanted.day
        and leaf.position >= wanted.start and leaf.position < wanted.start + 256
    order by 1, 2, 3, 4
    """
)
Neighbours = dict[tuple[Tree, int], list[events.Leaf]]


def _list_neighbours(known: Collection[Logged], closed: Collection[Tree]) -> Neighbours:
    """Return the up to 256 events around each event, by tree and chunk."""
    wanted = list({(one.tree, one.position // TILE) for one in known if one.tree in closed})
    starts = [place * TILE for _tree, place in wanted]
    rows = session.execute(
        _NEIGHBOURS, {**_split([one for one, _place in wanted]), "starts": starts}
    )
    found: Neighbours = {}
    for project, currency, day, position, entry, move, amount in rows:
        place = ((project, currency, day), position // TILE)
        found.setdefault(place, []).append((entry[1:], move, amount))
    return found


def _counted(
    one: Logged, day: Closed | None, leaves: Neighbours, paths: dict[int, list[str]]
) -> dict[str, object] | None:
    """Return what proves that an event is counted in its day's sums; None while the day lasts."""
    if day is None:
        return None
    chunk = leaves[one.tree, one.position // TILE]
    return {
        "position": one.position,
        "sum_path": [
            {"hash": _b64(digest), "sums": events.write_sums(sums)}
            for digest, sums in events.sum_path(chunk, day.chunks, one.position)
        ],
        "text": day.text,
        "index": day.index,
        "log_path": paths[day.index],
    }


def _paths(places: Collection[int], size: int) -> dict[int, list[str]]:
    """Return the path of each leaf to the root at a size."""
    wanted = tree.Wanted()
    for place in places:
        tree.inclusion_path(place, size, wanted.at)
    held = log.held(wanted.tiles, size)
    return {
        place: [_b64(digest) for digest in tree.inclusion_path(place, size, held.at)]
        for place in places
    }


def _names(projects: Collection[uuid.UUID]) -> dict[str, str]:
    rows = session.execute(
        sa.text("select slug, id from project where id = any(:ids) order by slug"),
        {"ids": list(projects)},
    )
    return {slug: str(project) for slug, project in rows}


def _split(trees: Collection[Tree]) -> dict[str, object]:
    return {
        "projects": [one[0] for one in trees],
        "currencies": [one[1] for one in trees],
        "days": [one[2] for one in trees],
    }


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()

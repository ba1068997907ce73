"""Reads of the log as it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.proofs.models import Cosignature, FullTile, Leaf, SignedCheckpoint
from marketplace.proofs.rules import tree
from marketplace.proofs.rules.tree import Coordinate
from marketplace.proofs.verify import HASH, TILE, consistency_path, leaf_hash


@dataclass(frozen=True)
class Head:
    """The newest checkpoint, with what witnesses signed under it."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


def find_head(size: int | None = None) -> Head | None:
    """Return the newest checkpoint, or the one of a size."""
    query = sa.select(SignedCheckpoint).order_by(SignedCheckpoint.size.desc()).limit(1)
    if size is not None:
        query = query.where(SignedCheckpoint.size == size)
    found = session.scalar(query)
    if found is None:
        return None
    lines = session.scalars(
        sa.select(Cosignature.line)
        .where(Cosignature.size == found.size)
        .order_by(Cosignature.witness)
    )
    return Head(found.size, found.root, "".join([found.note, *lines]), found.signed_at)


@dataclass(frozen=True)
class Cosigned:
    """What a witness has signed last."""

    witness: str
    size: int
    line: str
    signed_at: datetime


def list_cosigned() -> list[Cosigned]:
    """Return what each witness has signed last, by name."""
    rows = session.scalars(
        sa.select(Cosignature)
        .ext(postgresql.distinct_on(Cosignature.witness))
        .order_by(Cosignature.witness, Cosignature.size.desc())
    )
    return [Cosigned(row.witness, row.size, row.line, row.signed_at) for row in rows]


def find_signed(size: int) -> SignedCheckpoint | None:
    """Return a checkpoint as we signed it, without the lines of witnesses."""
    return session.get(SignedCheckpoint, size)


def list_growth(old_size: int, size: int) -> list[bytes]:
    """Return what proves that the log of one size is the beginning of that of another."""
    wanted = tree.Wanted()
    consistency_path(old_size, size, wanted.at)
    return consistency_path(old_size, size, held(wanted.tiles, size).at)


def get_head() -> Head:
    """Return the newest checkpoint.

    :raises NotFound: nothing was ever logged.
    """
    head = find_head()
    if head is None:
        raise NotFound
    return head


def count_leaves() -> int:
    """Return how many leaves there are: their numbers have no gaps."""
    last = session.scalar(sa.select(sa.func.max(Leaf.index)))
    return 0 if last is None else last + 1


def list_entries(start: int, end: int) -> Sequence[bytes]:
    """Return the entries from one place to before another."""
    return session.scalars(
        sa.select(Leaf.entry).where(Leaf.index >= start, Leaf.index < end).order_by(Leaf.index)
    ).all()


def list_roots(level: int, start: int, end: int) -> Sequence[bytes]:
    """Return the roots of full tiles: the hashes of the level above."""
    return session.scalars(
        sa.select(FullTile.root)
        .where(FullTile.level == level, FullTile.index >= start, FullTile.index < end)
        .order_by(FullTile.index)
    ).all()


def find_tile(level: int, index: int, width: int) -> bytes | None:
    """Return the first `width` hashes of a tile, full or not."""
    full = session.scalar(
        sa.select(FullTile.hashes).where(FullTile.level == level, FullTile.index == index)
    )
    if full is not None:
        return full[: width * HASH]
    start, end = index * TILE, index * TILE + width
    hashes = (
        [leaf_hash(entry) for entry in list_entries(start, end)]
        if level == 0
        else list_roots(level - 1, start, end)
    )
    return b"".join(hashes) if len(hashes) == width else None


_TILES = sa.text(
    "select tile.level, tile.index, tile.hashes from proof_tile tile join unnest("
    "cast(:levels as smallint[]), cast(:indexes as bigint[])) wanted(level, index) "
    "on tile.level = wanted.level and tile.index = wanted.index"
)
_EDGE = sa.text(
    "select cast(tile.level + 1 as smallint), tile.index, tile.root from unnest("
    "cast(:levels as smallint[]), cast(:starts as bigint[]), cast(:ends as bigint[]))"
    " edge(level, start, stop) join proof_tile tile on tile.level = edge.level "
    "and tile.index >= edge.start and tile.index < edge.stop order by 1, 2"
)


def held(wanted: set[Coordinate], size: int) -> tree.Held:
    """Return tiles of the log at some size: three statements, however many there are."""
    rows = session.execute(
        _TILES,
        {"levels": [one[0] for one in wanted], "indexes": [one[1] for one in wanted]},
    )
    tiles = {(level, index): hashes for level, index, hashes in rows}
    for level, row in enumerate(edge(size)):
        if row:
            tiles.setdefault((level, (size >> (8 * level)) // TILE), b"".join(row))
    return tree.Held(tiles)


def edge(size: int) -> list[list[bytes]]:
    """Return for each level the hashes that fill no tile yet: two statements."""
    ends = [size >> (8 * level) for level in range(1, (size.bit_length() - 1) // 8 + 1)]
    above: list[list[bytes]] = [[] for _ in ends]
    if ends:
        found = session.execute(
            _EDGE,
            {
                "levels": list(range(len(ends))),
                "starts": [end - end % TILE for end in ends],
                "ends": ends,
            },
        )
        for level, _index, root in found:
            above[level - 1].append(root)
    leaves = [leaf_hash(entry) for entry in list_entries(size - size % TILE, size)]
    return [leaves, *above]


def frontier(size: int) -> tree.Frontier:
    """Return the right edge of the tree, to which leaves can be added."""
    return tree.Frontier(size, edge(size))

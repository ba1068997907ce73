"""The tree as it grows: tiles of 256 hashes, and the paths through them (C2SP tlog-tiles)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from marketplace.proofs.verify import HASH, TILE, NodeAt, node_hash, subtree

Node = TypeVar("Node")
Coordinate = tuple[int, int]
"""A tile's level and its index within the level."""


@dataclass(frozen=True)
class Tile:
    """A full tile: 256 hashes of its level, one after the other, and the hash above them all."""

    level: int
    index: int
    hashes: bytes
    root: bytes


class Frontier:
    """The right edge of a tree: for each level of tiles, the hashes that fill no tile yet."""

    def __init__(self, size: int = 0, rows: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self._rows = [list(row) for row in rows]

    def append(self, leaves: Iterable[bytes]) -> Iterator[Tile]:
        """Add the hashes of leaves; yield each tile that becomes full."""
        for leaf in leaves:
            self.size += 1
            yield from self._put(0, leaf)

    def _put(self, level: int, digest: bytes) -> Iterator[Tile]:
        if level == len(self._rows):
            self._rows.append([])
        row = self._rows[level]
        row.append(digest)
        if len(row) == TILE:
            root = fold(row, node_hash)
            yield Tile(level, (self.size >> (8 * level)) // TILE - 1, b"".join(row), root)
            row.clear()
            yield from self._put(level + 1, root)

    def root(self) -> bytes:
        """Return the root over everything that was added."""
        below: list[bytes] = []
        for row in self._rows:
            if together := [*row, *below]:
                below = [fold(together, node_hash)]
        return below[0] if below else sha256(b"").digest()


def fold(row: Sequence[Node], join: Callable[[Node, Node], Node]) -> Node:
    """Return the root over some nodes of one height; an odd one goes up as it is."""
    while len(row) > 1:
        row = above(row, join)
    return row[0]


def above(row: Sequence[Node], join: Callable[[Node, Node], Node]) -> list[Node]:
    """Return the nodes one height above."""
    up = [join(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
    return [*up, row[-1]] if len(row) % 2 else up


def path_within(row: Sequence[Node], index: int, join: Callable[[Node, Node], Node]) -> list[Node]:
    """Return the path of one of some nodes to the root over them."""
    path = []
    while len(row) > 1:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        row, index = above(row, join), index >> 1
    return path


def inclusion_path(index: int, size: int, at: NodeAt) -> list[bytes]:
    """Return the path of a leaf to the root of the first `size` leaves (RFC 9162, 2.1.3.1)."""
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            path.append(subtree(middle, end, at))
            end = middle
        else:
            path.append(subtree(start, middle, at))
            start = middle
    return path[::-1]


def tile_of(height: int, index: int) -> tuple[Coordinate, int, int]:
    """Return the tile that holds a complete subtree, and from where to where in it."""
    level, over = divmod(height, 8)
    first = index << over
    return (level, first // TILE), first % TILE, first % TILE + (1 << over)


class Wanted:
    """Stands for a tree to find out which tiles a walk through it needs."""

    def __init__(self) -> None:
        self.tiles: set[Coordinate] = set()

    def at(self, height: int, index: int) -> bytes:
        """Note the tile of a subtree."""
        self.tiles.add(tile_of(height, index)[0])
        return bytes(HASH)


class Held:
    """A tree of which some tiles are at hand."""

    def __init__(self, tiles: dict[Coordinate, bytes]) -> None:
        self._tiles = tiles

    def at(self, height: int, index: int) -> bytes:
        """Return the hash over a complete subtree."""
        tile, start, end = tile_of(height, index)
        raw = self._tiles[tile]
        return fold(
            [raw[place * HASH : place * HASH + HASH] for place in range(start, end)], node_hash
        )


_PLACE = re.compile(r"((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?")


def read_place(text: str) -> tuple[int, int] | None:
    """Return index and width of `x001/x234/067.p/8`; None if it is not written so."""
    found = _PLACE.fullmatch(text)
    width = int(found[3] or TILE) if found else 0
    if not found or (found[3] and width >= TILE) or len(text) > 40:
        return None
    if found[1].startswith("x000/"):
        return None
    return int(found[1].replace("x", "").replace("/", "") + found[2]), width


def read_level(text: str) -> int | None:
    """Return a tile's level, from 0 to 63 without leading zeroes."""
    fine = re.fullmatch(r"0|[1-9]\d?", text) and int(text) <= 63
    return int(text) if fine else None


def widest(size: int, level: int, index: int) -> int:
    """Return how many hashes a tile has in a tree of some size: 0 to 256."""
    return max(0, min(TILE, (size >> (8 * level)) - index * TILE))

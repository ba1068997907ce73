"""The tree as RFC 9162 defines it, word for word and slowly: what the quick one is held against."""

from hashlib import sha256

from hypothesis import strategies as st

from marketplace.proofs.rules.tree import Frontier, Held, Tile
from marketplace.proofs.verify import leaf_hash

entries = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def split(size):
    """The largest power of two below a size."""
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def root_of(leaves):
    """MTH of section 2.1.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    half = split(len(leaves))
    return sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def path_of(index, leaves):
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*path_of(index, leaves[:half]), root_of(leaves[half:])]
    return [*path_of(index - half, leaves[half:]), root_of(leaves[:half])]


def proof_of(old, leaves, whole=True):
    """PROOF of section 2.1.4.1."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    half = split(len(leaves))
    if old <= half:
        return [*proof_of(old, leaves[:half], whole), root_of(leaves[half:])]
    return [*proof_of(old - half, leaves[half:], False), root_of(leaves[:half])]


def held_of(leaves):
    """Return the tree in tiles, as the database would hold it."""
    edge = Frontier()
    full: list[Tile] = list(edge.append(leaf_hash(entry) for entry in leaves))
    tiles = {(tile.level, tile.index): tile.hashes for tile in full}
    for level, row in enumerate(edge._rows):
        if row:
            tiles[level, (len(leaves) >> (8 * level)) // 256] = b"".join(row)
    return Held(tiles)


def flipped(raw, bit):
    """Return bytes with one bit the other way round."""
    changed = bytearray(raw)
    changed[bit // 8 % len(raw)] ^= 1 << bit % 8
    return bytes(changed)

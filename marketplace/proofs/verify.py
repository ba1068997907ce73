"""Check a receipt of Causeway, or its whole public log, without trusting Causeway.

One file on purpose: it needs Python and the library `cryptography`, and nothing of the product. The
formats are told to the byte in docs/proofs.md. A receipt's proof says three things, checked here:

1. Causeway signed a *checkpoint*: so many leaves, this root.
2. Each event of the receipt (money allocated, confirmed, given back) is a leaf under that root.
3. Each event is counted in its project's sums of that day, and those sums are a leaf as well.

A checkpoint that you kept can be held against a newer one: the log may only have grown.

    python -m marketplace.proofs.verify receipt.json --key NAME+ID+KEY
    python -m marketplace.proofs.verify receipt.json --checkpoint old --tiles https://shop.example/log
    python -m marketplace.proofs.verify --tiles https://shop.example/log --audit --key NAME+ID+KEY
"""

import argparse
import base64
import binascii
import json
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH = 32
TILE = 256
SIGNED, COSIGNED = 1, 4  # the types of keys: the log's own, a witness's
EVENT, DAY = b"\x01", b"\x02"  # how entries of the log begin
PLACES = ("outside", "pending", "confirmed", "underway", "frozen")
MOVES = [f"{start}>{end}" for start in PLACES for end in PLACES]
MOST = 2**63 - 1
# What a receipt says of a project, and where that money stands.
STANDING = {
    "held_minor": "pending",
    "confirmed_minor": "confirmed",
    "frozen_by_a_dispute_minor": "frozen",
}
Node = TypeVar("Node")
Sums = dict[str, int]
SumNode = tuple[bytes, Sums]
NodeAt = Callable[[int, int], bytes]
"""Gives the hash over the leaves [index * 2**height, (index + 1) * 2**height)."""


class Wrong(Exception):
    """Something does not hold; the text says what."""


# --- the tree of RFC 9162 (section 2.1) ---------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def climb(
    node: Node, index: int, size: int, path: Sequence[Node], join: Callable[[Node, Node], Node]
) -> Node:
    """Return the root that a leaf and its path lead to (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong("the leaf lies outside the tree")
    place, last = index, size - 1
    for other in path:
        if last == 0:
            raise Wrong("the path is too long")
        if place & 1 or place == last:
            node = join(other, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = join(node, other)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("the path is too short")
    return node


def check_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the older tree is the beginning of the newer (RFC 9162, section 2.1.4.2).

    :raises Wrong: it is not.
    """
    if old_size > size:
        raise Wrong("the log has become shorter")
    if old_size in (0, size):
        if path or old_root != (sha256(b"").digest() if old_size == 0 else root):
            raise Wrong("the same size has two roots")
        return
    steps = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not steps:
        raise Wrong("the path is too short")
    last = old_size - 1
    shared = (last ^ (last + 1)).bit_length() - 1  # heights at which the older tree is complete
    place, width = last >> shared, (size - 1 >> shared) + 1
    others = [(b"", other) for other in steps[1:]]
    older, newer = climb((steps[0], steps[0]), place, width, others, _grow)
    if older != old_root or newer != root:
        raise Wrong("the log was changed between the two checkpoints")


def _grow(left: tuple[bytes, bytes], right: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the older and the newer tree: what comes from the right is only new."""
    return left[0] or node_hash(left[1], right[0]), node_hash(left[1], right[1])


def subtree(start: int, end: int, at: NodeAt) -> bytes:
    """Return the hash over the leaves [start, end), where start is a multiple of the size."""
    height = (end - start - 1).bit_length()
    if end - start == 1 << height:
        return at(height, start >> height)
    middle = start + (1 << (height - 1))
    return node_hash(subtree(start, middle, at), subtree(middle, end, at))


def consistency_path(old_size: int, size: int, at: NodeAt) -> list[bytes]:
    """Return what proves that the first `old_size` leaves are a beginning (section 2.1.4.1)."""

    def walk(start: int, end: int, *, is_old_root: bool) -> list[bytes]:
        if old_size == end:
            return [] if is_old_root else [subtree(start, end, at)]
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old_size <= middle:
            return [*walk(start, middle, is_old_root=is_old_root), subtree(middle, end, at)]
        return [*walk(middle, end, is_old_root=False), subtree(start, middle, at)]

    return walk(0, size, is_old_root=True) if 0 < old_size < size else []


# --- sums: a tree whose every node says how much lies below it ----------------------------------


def encode_sums(sums: Sums) -> bytes:
    """Return sums as bytes: how many, then each move's number and amount, in ascending order."""
    raw = bytes([len(sums)])
    for move in sorted(sums, key=MOVES.index):
        if not 0 < sums[move] <= MOST:
            raise Wrong("an amount is not a positive number")
        raw += bytes([MOVES.index(move)]) + sums[move].to_bytes(8, "big")
    return raw


def sum_leaf(commitment: bytes, move: str, amount: int) -> SumNode:
    """Return the leaf of an event."""
    sums = {move: amount}
    return sha256(b"\x00" + commitment + encode_sums(sums)).digest(), sums


def sum_node(left: SumNode, right: SumNode) -> SumNode:
    """Return the node above two others: it commits to the sums of both, and adds them up."""
    both = b"".join(digest + encode_sums(sums) for digest, sums in (left, right))
    return sha256(b"\x01" + both).digest(), add(left[1], right[1])


def add(one: Sums, other: Sums) -> Sums:
    """Add up sums, move by move."""
    return {
        move: one.get(move, 0) + other.get(move, 0)
        for move in MOVES
        if move in one or move in other
    }


# --- notes: texts with signatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ---------


@dataclass(frozen=True)
class Key:
    """Who may sign: `NAME+ID+base64(type, public key)`."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes that name the key in a signature."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    @classmethod
    def read(cls, text: str) -> "Key":
        """Read a key as it is published."""
        name, _, rest = text.strip().partition("+")
        number, _, encoded = rest.partition("+")
        raw = decode(encoded)
        key = cls(name, raw[0] if raw else 0, raw[1:])
        if not name or key.id.hex() != number or len(key.public) != HASH:
            raise Wrong("the key cannot be read")
        return key

    def signed_at(self, body: str, signature: bytes) -> int:
        """Return when a witness signed, 0 for a log.

        :raises Wrong: it did not.
        """
        moment, message = 0, body
        if self.kind == COSIGNED:
            moment, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {moment}\n{body}"
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message.encode())
        except (InvalidSignature, ValueError):
            raise Wrong(f"the signature of {self.name} is not right") from None
        return moment


@dataclass(frozen=True)
class Checkpoint:
    """How many leaves there are, and their root."""

    origin: str
    size: int
    root: bytes
    body: str
    signatures: list[tuple[str, bytes]] = field(default_factory=list)

    @classmethod
    def read(cls, note: str) -> "Checkpoint":
        """Read a checkpoint; nothing about its signatures is known yet."""
        body, blank, lines = note.rpartition("\n\n")
        origin, size, root, *rest = [*body.split("\n"), "", "", ""]
        fine = blank and origin and re.fullmatch(r"0|[1-9][0-9]{0,17}", size)
        if not fine or any(rest[3:]) or len(decode(root)) != HASH or not lines.endswith("\n"):
            raise Wrong("the checkpoint cannot be read")
        return cls(origin, int(size), decode(root), f"{body}\n", list(_signatures(lines)))

    def check(self, key: Key) -> int:
        """Return when this key signed it.

        :raises Wrong: it did not.
        """
        for name, raw in self.signatures:
            if name == key.name and raw[:4] == key.id:
                return key.signed_at(self.body, raw[4:])
        raise Wrong(f"{key.name} did not sign the checkpoint")


def _signatures(lines: str) -> Iterator[tuple[str, bytes]]:
    for line in lines.split("\n")[:-1]:
        dash, name, encoded = [*line.split(" "), "", ""][:3]
        if dash != "—" or not name:
            raise Wrong("a signature cannot be read")
        yield name, decode(encoded)


def decode(text: object) -> bytes:
    """Return the bytes of standard base64, written in the one way there is."""
    try:
        raw = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if base64.b64encode(raw).decode() != text:
        raise Wrong("something is not base64")
    return raw


# --- what a receipt says ------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    `what` is signature, event (it is in the log), counted (and in its day's sums), sums (of the
    receipt), waiting, witness, consistency, audit, format or input.
    """

    is_good: bool
    what: str
    about: Mapping[str, str | int]

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.about.items())
        return f"{'good ' if self.is_good else 'WRONG'}  {self.what}: {told}"


def fields_of(text: str, title: str) -> dict[str, str]:
    """Return the lines of an event or of a day's sums: each a name, a blank and a value."""
    first, *lines, last = text.split("\n")
    pairs = [line.partition(" ") for line in lines]
    if first != title or last or not all(blank for _, blank, _ in pairs):
        raise Wrong(f"this is no {title}")
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise Wrong("a line is there twice")
    return {name: value for name, _, value in pairs}


def event_entry(salt: bytes, text: str) -> bytes:
    """Return the entry of an event: a commitment that tells nothing without its salt."""
    if len(salt) != HASH:
        raise Wrong("the salt has the wrong length")
    return EVENT + sha256(salt + text.encode()).digest()


def read_sums(text: str) -> Sums:
    """Read `outside>pending=240 pending>confirmed=100`."""
    pairs = [part.partition("=") for part in text.split()]
    if not all(move in MOVES and amount.isdecimal() for move, _, amount in pairs):
        raise Wrong("sums cannot be read")
    return {move: int(amount) for move, _, amount in pairs}


def check_receipt(document: Mapping[str, Any], key: Key) -> list[Finding]:
    """Check everything that a receipt's proof says; nothing is asked of anybody."""  # Any: JSON
    proof = document.get("proof", document)
    try:
        checkpoint = Checkpoint.read(proof["checkpoint"])
        checkpoint.check(key)
        about: dict[str, str | int]
        about = {"origin": checkpoint.origin, "leaves": checkpoint.size, "key": key.name}
        findings = [Finding(True, "signature", about)]
        findings += [check_event(event, checkpoint) for event in proof["events"]]
        if proof["waiting"]:
            findings.append(Finding(True, "waiting", {"events": int(proof["waiting"])}))
        elif not proof["events"]:
            raise Wrong("no event is in it, so it proves nothing")
        if all(finding.is_good for finding in findings):
            findings += check_sums(document, proof)
        return findings
    except Wrong as reason:
        return [Finding(False, "signature", {"reason": str(reason)})]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return [Finding(False, "format", {"reason": f"{type(error).__name__}: {error}"})]


def check_event(event: Mapping[str, Any], checkpoint: Checkpoint) -> Finding:
    """Check that an event is in the log and, if its day is over, in its project's sums."""
    told: dict[str, str] = {}
    what = "event"
    try:
        told = fields_of(event["text"], "causeway-event/1")
        entry = event_entry(decode(event["salt"]), event["text"])
        check_leaf(entry, event, checkpoint)
        if event["counted"] is not None:
            what = "counted"
            check_counted(event["counted"], entry, told, checkpoint)
    except Wrong as reason:
        return Finding(False, what, {"reason": str(reason), **told})
    names = ("what", "move", "amount", "currency", "project", "day")
    return Finding(True, what, {**{name: told[name] for name in names}, "leaf": event["index"]})


def check_leaf(entry: bytes, place: Mapping[str, Any], checkpoint: Checkpoint) -> None:
    """Check that an entry stands at its place under a checkpoint."""  # Any: JSON
    path = [decode(text) for text in place["log_path"]]
    root = climb(leaf_hash(entry), int(place["index"]), checkpoint.size, path, node_hash)
    if root != checkpoint.root:
        raise Wrong("this is not in the log")


def check_counted(
    counted: Mapping[str, Any], entry: bytes, told: Mapping[str, str], checkpoint: Checkpoint
) -> None:
    """Check that an event is counted in the sums of its project and day."""
    day = fields_of(counted["text"], "causeway-day/1")
    if any(day[name] != told[name] for name in ("project", "currency", "day")):
        raise Wrong("these are another project's or another day's sums")
    leaf = sum_leaf(entry[1:], told["move"], int(told["amount"]))
    path = [(decode(one["hash"]), read_sums(one["sums"])) for one in counted["sum_path"]]
    root, sums = climb(leaf, int(counted["position"]), int(day["count"]), path, sum_node)
    if root.hex() != day["root"] or sums != read_sums(day["sums"]):
        raise Wrong("this is not counted in the day's sums")
    check_leaf(DAY + counted["text"].encode(), counted, checkpoint)


def check_sums(document: Mapping[str, Any], proof: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that what the receipt itself says of each project is what its events add up to."""
    if proof["waiting"] or proof["forgotten"]:
        return
    events = [fields_of(event["text"], "causeway-event/1") for event in proof["events"]]
    for told in document.get("projects", []):
        mine = [one for one in events if one["project"] == proof["names"].get(told["project"])]
        captured = [one for one in mine if one["what"] == "capture"]
        given = told["given_by_companies_minor"] + told["own_donation_minor"]
        said = {"given": given + told.get("matched_by_sponsors_minor", 0)}
        found = {"given": _stands(captured, "outside") * -1}
        for name, place in STANDING.items():
            if name in told:
                said[place], found[place] = told[name], _stands(mine, place)
        about = {"project": told["project"], "receipt": str(said), "events": str(found)}
        yield Finding(said == found, "sums", about)


def _stands(events: Sequence[Mapping[str, str]], place: str) -> int:
    """Return what stands at a place: what came less what went."""
    total = 0
    for event in events:
        start, _, end = event["move"].partition(">")
        total += int(event["amount"]) * ((end == place) - (start == place))
    return total


# --- the log as it is published (C2SP tlog-tiles) -----------------------------------------------


def tile_path(level: int | str, index: int, width: int) -> str:
    """Return where a tile lies; `entries` is the level of the entries themselves."""
    places = [f"{index % 1000:03}"]
    while index := index // 1000:
        places.insert(0, f"x{index % 1000:03}")
    partial = f".p/{width}" if width < TILE else ""
    return f"tile/{level}/{'/'.join(places)}{partial}"


class Tiles:
    """A log of some size, read from a folder or an address."""

    def __init__(self, place: str, size: int) -> None:
        self.place, self.size, self.kept = place.rstrip("/"), size, dict[str, bytes]()

    def read(self, path: str) -> bytes:
        """Return a file of the log."""
        if path not in self.kept:
            if self.place.startswith(("http://", "https://")):
                with urllib.request.urlopen(f"{self.place}/{path}", timeout=30) as answer:  # noqa: S310  # nosec B310 # the caller's own choice
                    self.kept[path] = answer.read()
            else:
                self.kept[path] = (Path(self.place) / path).read_bytes()
        return self.kept[path]

    def tile(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of a tile."""
        width = min(TILE, (self.size >> (8 * level)) - index * TILE)
        raw = self.read(tile_path(level, index, width))
        if len(raw) != width * HASH:
            raise Wrong("a tile has the wrong length")
        return [raw[place : place + HASH] for place in range(0, len(raw), HASH)]

    def at(self, height: int, index: int) -> bytes:
        """Return the hash over 2**height leaves."""
        level, above = divmod(height, 8)
        first = index << above
        row = self.tile(level, first // TILE)[first % TILE :][: 1 << above]
        while len(row) > 1:
            row = [node_hash(*row[place : place + 2]) for place in range(0, len(row), 2)]
        return row[0]

    def entries(self) -> Iterator[bytes]:
        """Yield every entry."""
        for index in range(-(-self.size // TILE)):
            width = min(TILE, self.size - index * TILE)
            raw, place = self.read(tile_path("entries", index, width)), 0
            for _ in range(width):
                end = place + 2 + int.from_bytes(raw[place : place + 2], "big")
                yield raw[place + 2 : end]
                place = end
            if place != len(raw):
                raise Wrong("a bundle of entries has the wrong length")


def check_grown(older: Checkpoint, newer: Checkpoint, tiles: Tiles) -> Finding:
    """Check that a log has only grown since an older checkpoint."""
    about: dict[str, str | int] = {"from": older.size, "to": newer.size}
    try:
        if older.origin != newer.origin:
            raise Wrong("these are two logs")
        path = consistency_path(older.size, newer.size, tiles.at)
        check_consistency(older.size, older.root, newer.size, newer.root, path)
    except Wrong as reason:
        return Finding(False, "consistency", about | {"reason": str(reason)})
    return Finding(True, "consistency", about)


def audit(checkpoint: Checkpoint, tiles: Tiles) -> Finding:
    """Read the whole log: its root, each day's count of events, each project's running totals."""
    stack: list[tuple[int, bytes]] = []
    days = Days()
    try:
        for entry in tiles.entries():
            push(stack, leaf_hash(entry))
            days.take(entry)
        root = stack.pop()[1] if stack else sha256(b"").digest()
        while stack:
            root = node_hash(stack.pop()[1], root)
        if root != checkpoint.root:
            raise Wrong("the entries do not lead to the root")
        days.end_block()
    except (Wrong, KeyError, ValueError) as reason:
        return Finding(False, "audit", {"leaves": checkpoint.size, "reason": str(reason)})
    about = {"leaves": checkpoint.size, "sums": days.count, "events_of_today": days.waiting}
    return Finding(True, "audit", about)


def push(stack: list[tuple[int, bytes]], digest: bytes) -> None:
    """Add a leaf to the heights and hashes of the complete subtrees so far."""
    height = 0
    while stack and stack[-1][0] == height:
        digest, height = node_hash(stack.pop()[1], digest), height + 1
    stack.append((height, digest))


class Days:
    """Counts along the log: a day's events, then one entry of sums for each project, and so on."""

    def __init__(self) -> None:
        self.waiting, self.left, self.count, self.day = 0, 0, 0, ""
        self.totals: dict[tuple[str, str], tuple[str, Sums]] = {}

    def take(self, entry: bytes) -> None:
        """Count the next entry."""
        if entry[:1] == EVENT:
            self.end_block()
            self.waiting += 1
            return
        if entry[:1] != DAY:
            raise Wrong("an entry is neither an event nor a day's sums")
        day = fields_of(entry[1:].decode(), "causeway-day/1")
        if self.day != day["day"] or self.waiting:
            self.end_block()
            self.day, self.left, self.waiting = day["day"], self.waiting, 0
        self.left -= int(day["count"])
        self.count += 1
        self._add_up(day)

    def end_block(self) -> None:
        """Check that the sums of a day counted each of its events once."""
        if self.left:
            raise Wrong(f"the sums of {self.day} leave out {self.left} of its events")

    def _add_up(self, day: Mapping[str, str]) -> None:
        place = (day["project"], day["currency"])
        before, total = self.totals.get(place, ("", {}))
        total = add(total, read_sums(day["sums"]))
        if read_sums(day["total"]) != total or day["day"] <= before:
            raise Wrong(f"the running total of {place[0]} on {day['day']} is not that of its days")
        self.totals[place] = day["day"], total


# --- the command --------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Print a line for each thing checked; return 1 if one is wrong."""
    parser = argparse.ArgumentParser(description="Check a receipt, or the log itself.")
    parser.add_argument("receipt", nargs="?", type=Path, help="a receipt's JSON")
    parser.add_argument("--key", type=Key.read, help="the log's key; else the receipt's own word")
    parser.add_argument("--witness", type=Key.read, action="append", default=[])
    parser.add_argument("--checkpoint", type=Path, help="one that you kept")
    parser.add_argument("--tiles", help="the log: an address or a folder")
    parser.add_argument("--audit", action="store_true", help="read every entry")
    given = parser.parse_args(arguments)
    try:
        findings = list(_checked(given))
    except (Wrong, OSError, ValueError, KeyError) as reason:
        findings = [Finding(False, "input", {"reason": str(reason)})]
    print("\n".join(map(str, findings)))
    return 0 if findings and all(finding.is_good for finding in findings) else 1


def _checked(given: argparse.Namespace) -> Iterator[Finding]:
    document = json.loads(given.receipt.read_text()) if given.receipt else {}
    proof = document.get("proof", document)
    key = given.key or Key.read(proof["log"]["key"])
    if given.receipt:
        yield from check_receipt(document, key)
    if not (given.tiles or given.witness or given.checkpoint):
        return
    tiles = Tiles(given.tiles or proof["log"]["url"], 0)
    head = Checkpoint.read(proof["checkpoint"] if proof else tiles.read("checkpoint").decode())
    head.check(key)
    tiles.size = head.size
    for witness in given.witness:
        yield Finding(True, "witness", {"name": witness.name, "at": head.check(witness)})
    if given.checkpoint:
        older = Checkpoint.read(given.checkpoint.read_text())
        older.check(key)
        yield check_grown(older, head, tiles)
    if given.audit:
        yield audit(head, tiles)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

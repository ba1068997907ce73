"""A small log made without a database, always the same: what the published vectors show."""

import base64
import uuid
from datetime import UTC, date, datetime
from hashlib import sha256

from marketplace.proofs.rules import events, notes, tree
from marketplace.proofs.verify import (
    COSIGNED,
    MOVES,
    TILE,
    consistency_path,
    encode_sums,
    event_entry,
    leaf_hash,
    sum_node,
    tile_path,
)
from tests.proofs.trees import held_of, root_of

ORIGIN = "shop.example/log"
SECRET = "a secret that everybody knows: for test vectors only"
SIGNER = notes.Signer.from_text(ORIGIN, SECRET)
WITNESS = notes.Signer.from_text(
    "witness.example/w1", "a witness's secret: for test vectors", COSIGNED
)
PROJECTS = [uuid.UUID(f"01900000-0000-7000-8000-00000000000{number}") for number in (1, 2)]
ALLOCATION = uuid.UUID("01900000-0000-7000-8000-0000000000aa")
FIRST = date(2026, 3, 11)
# Day, project, move, amount; the receipt's own are marked.
STORY = [
    (0, 0, "outside>pending", 100, ""),
    (0, 1, "outside>pending", 250, ""),
    (0, 0, "outside>pending", 240, "mine"),
    (0, 1, "outside>pending", 60, "mine"),
    (0, 0, "pending>outside", 40, ""),
    (1, 0, "pending>confirmed", 240, "mine"),
    (1, 0, "confirmed>underway", 240, ""),
    (1, 1, "pending>outside", 60, "mine"),
    (2, 0, "underway>outside", 240, ""),
    (2, 0, "outside>pending", 12, "mine"),
]
KINDS = {
    "outside>pending": "capture",
    "pending>confirmed": "release",
    "pending>outside": "refund",
    "confirmed>underway": "payout",
    "underway>outside": "payout_settled",
}


class World:
    """A log of three days, of which two are over; `lie` is what a shop says of a day instead."""

    def __init__(self, story=STORY, lie=None):
        self.lie = lie or (lambda sums: sums)
        self.entries, self.days, self.mine = [], {}, []
        self.totals = {}
        for number in range(3):
            self._events(number, [line for line in story if line[0] == number])
            if number < 2:
                self._close(date.fromordinal(FIRST.toordinal() + number))
        self.held = held_of(self.entries)
        self.note = notes.sign(SIGNER, len(self.entries), root_of(self.entries))

    def _events(self, number, lines):
        day = date.fromordinal(FIRST.toordinal() + number)
        self.open = {}
        for _day, project, move, amount, whose in lines:
            index = len(self.entries)
            salt = sha256(b"salt %d" % index).digest()
            event = events.Event(
                transfer_id=4_700 + index,
                what=KINDS[move],
                project_id=PROJECTS[project],
                allocation_id=ALLOCATION if whose else None,
                source=None if "underway" in move else "pledge",
                move=move,
                currency="EUR",
                amount_minor=amount,
                effective_at=datetime(day.year, day.month, day.day, 9, index % 60, tzinfo=UTC),
            )
            text = event.text(day)
            entry = event_entry(salt, text)
            leaves = self.open.setdefault(PROJECTS[project], [])
            if whose:
                self.mine.append((index, text, salt, PROJECTS[project], day, len(leaves)))
            leaves.append((entry[1:], MOVES.index(move), amount))
            self.entries.append(entry)

    def _close(self, day):
        for project, leaves in sorted(self.open.items()):
            chunks = events.chunks_of(leaves)
            sums = events.close(
                project_id=project,
                currency="EUR",
                day=day,
                chunks=chunks,
                count=len(leaves),
                before=self.totals.get(project, {}),
            )
            sums = self.lie(sums)
            self.totals[project] = sums.total
            self.days[project, day] = (len(self.entries), sums.text(), leaves, chunks)
            self.entries.append(sums.entry())

    def receipt(self):
        """Return the proof of the receipt, as a shop gives it."""
        return {
            "format": "causeway-proof/1",
            "log": {"origin": ORIGIN, "key": str(SIGNER.key), "url": f"https://{ORIGIN}"},
            "checkpoint": self.note,
            "names": {"springs": str(PROJECTS[0]), "aurora": str(PROJECTS[1])},
            "waiting": 0,
            "forgotten": 0,
            "events": [self._event(*one) for one in self.mine],
        }

    def _event(self, index, text, salt, project, day, position):
        return {
            "text": text,
            "salt": b64(salt),
            "index": index,
            "log_path": self.path(index),
            "counted": self._counted(project, day, position),
        }

    def _counted(self, project, day, position):
        if (project, day) not in self.days:
            return None
        index, text, leaves, chunks = self.days[project, day]
        start = position - position % TILE
        path = events.sum_path(leaves[start : start + TILE], chunks, position)
        return {
            "position": position,
            "sum_path": [
                {"hash": b64(digest), "sums": events.write_sums(sums)} for digest, sums in path
            ],
            "text": text,
            "index": index,
            "log_path": self.path(index),
        }

    def path(self, index):
        return [b64(one) for one in tree.inclusion_path(index, len(self.entries), self.held.at)]

    def checkpoint(self, size):
        return notes.sign(SIGNER, size, root_of(self.entries[:size]))

    def consistency(self, old):
        return consistency_path(old, len(self.entries), self.held.at)

    def write(self, folder):
        """Write the log as files, as it is served."""
        for path, raw in self.files().items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)

    def files(self):
        size = len(self.entries)
        files = {"checkpoint": self.note.encode()}
        for index in range(-(-size // TILE)):
            some = self.entries[index * TILE : (index + 1) * TILE]
            files[tile_path(0, index, len(some))] = b"".join(map(leaf_hash, some))
            files[tile_path("entries", index, len(some))] = b"".join(
                len(one).to_bytes(2, "big") + one for one in some
            )
        full = size // TILE
        if full:
            roots = [root_of(self.entries[at * TILE : (at + 1) * TILE]) for at in range(full)]
            files[tile_path(1, 0, full)] = b"".join(roots)
        return files


def b64(raw):
    return base64.b64encode(raw).decode()


def vectors():
    """Return what docs/proofs-vectors.json holds."""
    world = World()
    size, old = len(world.entries), 6
    _index, text, salt, project, day, _position = world.mine[0]
    entry = event_entry(salt, text)
    move, amount = MOVES.index("outside>pending"), 240
    leaf = events.sum_leaves([(entry[1:], move, amount)])[0]
    _place, _text, leaves, _chunks = world.days[project, day]
    root, sums = tree.fold(events.sum_leaves(leaves), sum_node)
    body = world.note.rpartition("\n\n")[0] + "\n"
    return {
        "about": "Test vectors for docs/proofs.md. Bytes are hex, or base64 where the format says.",
        "key": {"text": SECRET, "public": str(SIGNER.key), "witness": str(WITNESS.key)},
        "event": {
            "text": text,
            "salt": salt.hex(),
            "commitment": entry[1:].hex(),
            "entry": entry.hex(),
            "leaf_hash": leaf_hash(entry).hex(),
            "sum_leaf_hash": leaf[0].hex(),
            "sums_encoded": encode_sums(leaf[1]).hex(),
        },
        "day": {
            "leaves": [
                {"commitment": one.hex(), "move": MOVES[number], "amount": minor}
                for one, number, minor in leaves
            ],
            "root": root.hex(),
            "sums": events.write_sums(sums),
            "sums_encoded": encode_sums(sums).hex(),
        },
        "entries": [one.hex() for one in world.entries],
        "roots": [root_of(world.entries[:number]).hex() for number in range(size + 1)],
        "inclusion": [
            {"index": number, "size": size, "path": world.path(number)} for number in range(size)
        ],
        "consistency": [
            {"old": number, "size": size, "path": [b64(one) for one in world.consistency(number)]}
            for number in range(size + 1)
        ],
        "tile_paths": {
            tile_path(level, number, width): [level, number, width]
            for level, number, width in (
                (0, 0, 256),
                (0, 999, 256),
                (0, 1000, 256),
                (0, 1_234_067, 256),
                (1, 5, 17),
                (63, 10**9, 255),
                ("entries", 1_234_067, 8),
            )
        },
        "files": {path: raw.hex() for path, raw in world.files().items() if path != "checkpoint"},
        "older_checkpoint": world.checkpoint(old),
        "checkpoint": world.note,
        "cosignature": {"time": 1_774_000_000, "line": WITNESS.line(body, 1_774_000_000)},
        "receipt": world.receipt(),
    }

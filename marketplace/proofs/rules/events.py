"""What the log says: an event of a project's money, and a project's sums of a day."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from marketplace.ledger.rules import Purpose
from marketplace.proofs.rules import tree
from marketplace.proofs.verify import (
    DAY,
    MOVES,
    PLACES,
    TILE,
    SumNode,
    Sums,
    add,
    sum_leaf,
    sum_node,
)

PLACE_OF: dict[str, str] = {
    Purpose.PROJECT_PENDING: "pending",
    Purpose.PROJECT_AVAILABLE: "confirmed",
    Purpose.PAYOUT_IN_FLIGHT: "underway",
    Purpose.DISPUTE_HOLD: "frozen",
}
"""Where a project's money is, by the account it stands on; everything else is outside."""

Account = tuple[str, uuid.UUID | None, str | None, bool]
"""Purpose, owner, source, and whether the owner is a project."""


class Moved(NamedTuple):
    """A transfer of the ledger that touches a project's money, as the sequencer reads it."""

    transfer_id: int
    kind: str
    effective_at: datetime
    currency: str
    amount_minor: int
    allocation_id: uuid.UUID | None
    debit: Account
    credit: Account


class Event(NamedTuple):
    """What happened to one project's money. Amounts are in the currency's minor unit."""

    transfer_id: int
    what: str
    project_id: uuid.UUID
    allocation_id: uuid.UUID | None
    source: str | None
    move: str
    currency: str
    amount_minor: int
    effective_at: datetime

    def text(self, day: date) -> str:
        """Return what the leaf commits to; `day` is the one in whose sums it is counted."""
        at = self.effective_at.astimezone(UTC).isoformat(timespec="seconds")[:19]
        return (
            f"causeway-event/1\ntransfer {self.transfer_id}\nwhat {self.what}\n"
            f"project {self.project_id}\nallocation {self.allocation_id or '-'}\n"
            f"source {self.source or '-'}\nmove {self.move}\ncurrency {self.currency}\n"
            f"amount {self.amount_minor}\nat {at}Z\nday {day}\n"
        )


def events_of(moved: Moved) -> list[Event]:
    """Return an event for each project whose money moves: one, or two between projects."""
    owners = [account[1] for account in (moved.debit, moved.credit) if account[3]]
    if len(owners) == 2 and owners[0] == owners[1]:
        owners.pop()
    return [_event(moved, owner) for owner in sorted(owners, key=str) if owner]


def _event(moved: Moved, project_id: uuid.UUID) -> Event:
    start, end = _place(moved.debit, project_id), _place(moved.credit, project_id)
    source = moved.credit[2] if end != "outside" else None
    if source is None and start != "outside":
        source = moved.debit[2]
    return Event(
        transfer_id=moved.transfer_id,
        what=moved.kind,
        project_id=project_id,
        allocation_id=moved.allocation_id,
        source=source,
        move=f"{start}>{end}",
        currency=moved.currency,
        amount_minor=moved.amount_minor,
        effective_at=moved.effective_at,
    )


def _place(account: Account, project_id: uuid.UUID) -> str:
    purpose, owner, _source, is_project = account
    if not is_project or owner != project_id:
        return "outside"
    return PLACE_OF.get(purpose, "outside")


@dataclass(frozen=True)
class DaySums:
    """A project's sums of a day and of all days up to it, and the root of the day's tree."""

    project_id: uuid.UUID
    currency: str
    day: date
    count: int
    root: bytes
    sums: Sums
    total: Sums

    def text(self) -> str:
        """Return it as it stands in the log."""
        return (
            f"causeway-day/1\nproject {self.project_id}\ncurrency {self.currency}\n"
            f"day {self.day}\ncount {self.count}\nroot {self.root.hex()}\n"
            f"sums {write_sums(self.sums)}\ntotal {write_sums(self.total)}\n"
        )

    def entry(self) -> bytes:
        """Return the bytes of its leaf."""
        return DAY + self.text().encode()


def write_sums(sums: Sums) -> str:
    """Return sums as text, in the order of the moves."""
    return " ".join(f"{move}={sums[move]}" for move in MOVES if move in sums)


def read_encoded(raw: bytes) -> Sums:
    """Return the sums that `encode_sums` wrote."""
    parts = [raw[place : place + 9] for place in range(1, len(raw), 9)]
    return {MOVES[part[0]]: int.from_bytes(part[1:], "big") for part in parts}


Leaf = tuple[bytes, int, int]
"""An event as the tree of sums sees it: its commitment, the number of its move, its amount."""


def chunks_of(leaves: Sequence[Leaf]) -> list[SumNode]:
    """Return the roots over each 256 events of a day, the last over what is left."""
    return [
        tree.fold(sum_leaves(leaves[place : place + TILE]), sum_node)
        for place in range(0, len(leaves), TILE)
    ]


def sum_leaves(leaves: Sequence[Leaf]) -> list[SumNode]:
    """Return the leaves of a tree of sums."""
    return [sum_leaf(commitment, MOVES[move], amount) for commitment, move, amount in leaves]


def sum_path(chunk: Sequence[Leaf], chunks: Sequence[SumNode], position: int) -> list[SumNode]:
    """Return the path of an event to its day's root, first within its 256, then above."""
    return [
        *tree.path_within(sum_leaves(chunk), position % TILE, sum_node),
        *tree.path_within(chunks, position // TILE, sum_node),
    ]


def close(
    *,
    project_id: uuid.UUID,
    currency: str,
    day: date,
    chunks: Sequence[SumNode],
    count: int,
    before: Sums,
) -> DaySums:
    """Return a project's sums of a day that is over."""
    root, sums = tree.fold(chunks, sum_node)
    return DaySums(project_id, currency, day, count, root, sums, add(before, sums))


def place_of_sums(sums: Sums) -> dict[str, int]:
    """Return what stands at each place inside: what came less what went."""
    return {
        place: sum(amount for move, amount in sums.items() if move.endswith(f">{place}"))
        - sum(amount for move, amount in sums.items() if move.startswith(f"{place}>"))
        for place in PLACES[1:]
    }

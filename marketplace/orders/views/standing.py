"""Where an order's money for a project stands, added up from the entries of the book."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Purpose


@dataclass
class Standing:
    """Where an order's money for one project stands, added up from the book."""

    pending: int = 0
    confirmed: int = 0
    frozen: int = 0
    taken_back: int = 0
    rerouted: int = 0


_PLACES = {
    Purpose.PROJECT_PENDING: "pending",
    Purpose.PROJECT_AVAILABLE: "confirmed",
    Purpose.DISPUTE_HOLD: "frozen",
}


def standing_of(entries: Sequence[BookLine], project_id: uuid.UUID) -> Standing:
    """Return where an order's money for a project stands, and what went elsewhere."""
    found = Standing()
    for entry in entries:
        is_in, is_out = entry.credit_owner_id == project_id, entry.debit_owner_id == project_id
        if is_in and (place := _PLACES.get(Purpose(entry.credit_purpose))):
            setattr(found, place, getattr(found, place) + entry.amount_minor)
        if is_out and (place := _PLACES.get(Purpose(entry.debit_purpose))):
            setattr(found, place, getattr(found, place) - entry.amount_minor)
        if is_out and not is_in and entry.kind in (Kind.REFUND, Kind.DISPUTE_LOST):
            found.taken_back += entry.amount_minor
        if is_out is not is_in and entry.kind == Kind.REROUTE:
            found.rerouted += entry.amount_minor if is_out else -entry.amount_minor
    return found

"""All lanes of an order together."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.orders.views.lanes import Lane


@dataclass(frozen=True)
class Sums:
    """All lanes together."""

    given_minor: int
    own_minor: int
    matched_minor: int
    taken_back_minor: int
    now_minor: int
    pending_minor: int
    frozen_minor: int
    waiting_minor: int
    unspent_minor: int
    spent_minor: int

    @property
    def confirmed_waiting_minor(self) -> int:
        """Return what is confirmed and waits for its payout."""
        return self.waiting_minor - self.pending_minor - self.frozen_minor


def sum_of(lanes: Sequence[Lane]) -> Sums:
    """Add up all lanes."""
    return Sums(
        given_minor=sum(lane.given_minor for lane in lanes),
        own_minor=sum(lane.own_minor for lane in lanes),
        matched_minor=sum(lane.matched_minor for lane in lanes),
        taken_back_minor=sum(lane.taken_back_minor for lane in lanes),
        now_minor=sum(lane.now_minor for lane in lanes),
        pending_minor=sum(lane.pending_minor for lane in lanes),
        frozen_minor=sum(lane.frozen_minor for lane in lanes),
        waiting_minor=sum(lane.waiting_minor for lane in lanes),
        unspent_minor=sum(lane.unspent_minor for lane in lanes),
        spent_minor=sum(lane.spent_minor for lane in lanes),
    )

"""Where an order's money is now: a lane for each project."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from marketplace.campaigns.models import Pool
from marketplace.impact.queries import ProjectTotals
from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Source
from marketplace.orders import queries
from marketplace.orders.models import Allocation, CompanyOrderState, Order
from marketplace.orders.queries.tracing import PaidIn, SpentOn, Stretch
from marketplace.orders.views.standing import Standing, standing_of
from marketplace.projects.models import Project


@dataclass(frozen=True)
class Lane:
    """One project's part of an order; amounts are as they stand now, in minor units."""

    project: Project
    by_companies: Sequence[tuple[str, int]]
    """Who gave how much when it was bought."""
    own_minor: int
    """The shopper's own gift to it."""
    taken_back_minor: int
    pending_minor: int
    confirmed_minor: int
    """Released, wherever it is now; the next two are parts of it."""
    paid_minor: int
    spent_minor: int
    matched_minor: int = 0
    """What a sponsor's pool added to it."""
    sponsor: Pool | None = None
    """The pool, with its company."""
    ahead_minor: int = 0
    """What was confirmed for the project before this."""
    frozen_minor: int = 0
    """Held, pending or confirmed, until a dispute over the payment is decided."""
    rerouted_minor: int = 0
    """Gone to other projects, because the shopper or the project's end said so."""
    confirmed_at: datetime | None = None
    """When the last of what is confirmed was."""
    held_until: datetime | None = None
    """When the last of what is pending is confirmed; None while a parcel of it is not sent."""
    payouts: Sequence[PaidIn] = ()
    spendings: Sequence[SpentOn] = ()

    @property
    def given_minor(self) -> int:
        """Return what was given when it was bought."""
        by_companies = sum(amount for _name, amount in self.by_companies)
        return by_companies + self.own_minor + self.matched_minor

    @property
    def now_minor(self) -> int:
        """Return what is given now that returns are taken back."""
        return self.pending_minor + self.confirmed_minor + self.frozen_minor

    @property
    def paid_stretch(self) -> Stretch:
        """Return where its confirmed money stands among all of the project's."""
        return Stretch(self.project.id, self.ahead_minor, self.ahead_minor + self.confirmed_minor)

    @property
    def spent_stretch(self) -> Stretch:
        """Return the same of what was paid out."""
        return Stretch(self.project.id, self.ahead_minor, self.ahead_minor + self.paid_minor)

    def confirmation_late_days(self, now: datetime) -> int:
        """Return for how many days it should have been confirmed already."""
        if not self.pending_minor or self.held_until is None:
            return 0
        return max((now - self.held_until).days, 0)

    def payout_due_at(self, maximum_age: timedelta) -> datetime | None:
        """Return when what is confirmed and waits is paid at the latest (rule 15)."""
        if self.confirmed_at is None or self.paid_minor >= self.confirmed_minor:
            return None
        return self.confirmed_at + maximum_age

    def payout_late_days(self, now: datetime, maximum_age: timedelta) -> int:
        """Return for how many days it should have been paid out already."""
        due = self.payout_due_at(maximum_age)
        return max((now - due).days, 0) if due else 0

    @property
    def waiting_minor(self) -> int:
        """Return what is with us still."""
        return self.now_minor - self.paid_minor

    @property
    def unspent_minor(self) -> int:
        """Return what was paid out and is not spent yet."""
        return self.paid_minor - self.spent_minor

    def to_json(self, now: datetime, maximum_age: timedelta) -> dict[str, object]:
        """Return it for programs."""
        due = self.payout_due_at(maximum_age)
        return {
            "project": self.project.slug,
            "title": self.project.title,
            "given_by_companies_minor": self.given_minor - self.own_minor - self.matched_minor,
            "own_donation_minor": self.own_minor,
            "matched_by_sponsors_minor": self.matched_minor,
            "matched_by": self.sponsor.slug if self.sponsor else None,
            "taken_back_minor": self.taken_back_minor,
            "held_minor": self.pending_minor,
            "held_until": self.held_until.isoformat() if self.held_until else None,
            "frozen_by_a_dispute_minor": self.frozen_minor,
            "gone_to_other_projects_minor": self.rerouted_minor,
            "confirmation_is_late_by_days": self.confirmation_late_days(now),
            "confirmed_minor": self.confirmed_minor,
            "confirmed_at": self.confirmed_at.isoformat() if self.confirmed_at else None,
            "payout_due_at": due.isoformat() if due else None,
            "payout_is_late_by_days": self.payout_late_days(now, maximum_age),
            "paid_out_minor": self.paid_minor,
            "payouts": [_payout(one) for one in self.payouts],
            "spent_minor": self.spent_minor,
            "spendings": [_spending(one) for one in self.spendings],
            "outcome": None,
        }


def _payout(one: PaidIn) -> dict[str, object]:
    return {
        "number": one.number,
        "paid_at": one.paid_at.isoformat(),
        "amount_minor": one.amount_minor,
        "part_minor": one.part_minor,
        "together_with_others_minor": one.others_minor,
    }


def _spending(one: SpentOn) -> dict[str, object]:
    return {
        "spent_on": one.spent_on.isoformat(),
        "purpose": one.purpose,
        "payee": one.payee,
        "amount_minor": one.amount_minor,
        "part_minor": one.part_minor,
    }


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


def lanes_of(
    order: Order,
    entries: Sequence[BookLine],
    totals: Mapping[uuid.UUID, ProjectTotals],
    ahead: Mapping[uuid.UUID, int],
    pools: Mapping[uuid.UUID, Pool],
) -> list[Lane]:
    """Return a lane for each project, in the shopper's order.

    What was paid out and spent is matched in the order in which money was confirmed: what is
    `ahead` of this order's money is served first.
    """
    companies = {part.company_id: part.company.name for part in order.company_orders}
    by_project: dict[uuid.UUID, list[Allocation]] = {}
    for allocation in order.allocations:
        by_project.setdefault(allocation.project_id, []).append(allocation)
    return [
        replace(
            _lane(mine, companies, standing_of(entries, one), totals[one], ahead.get(one, 0)),
            held_until=_held_until(order, mine),
            confirmed_at=_confirmed_at(entries, one),
            sponsor=pools.get(one),
        )
        for one, mine in by_project.items()
    ]


def _confirmed_at(entries: Sequence[BookLine], project_id: uuid.UUID) -> datetime | None:
    """Return when the last of an order's money for a project was confirmed."""
    days = [
        entry.effective_at
        for entry in entries
        if entry.kind == Kind.RELEASE and entry.credit_owner_id == project_id
    ]
    return max(days, default=None)


def with_payouts(lanes: Sequence[Lane]) -> list[Lane]:
    """Return lanes with the payouts and receipts that their money is in: at most two statements."""
    paid = [lane.paid_stretch for lane in lanes if lane.paid_minor]
    payouts = queries.list_paid_in(paid) if paid else {}
    spent = [lane.spent_stretch for lane in lanes if lane.spent_minor]
    spendings = queries.list_spent_on(spent) if spent else {}
    return [
        replace(
            lane,
            payouts=payouts.get(lane.project.id, ()),
            spendings=spendings.get(lane.project.id, ()),
        )
        for lane in lanes
    ]


def _lane(
    allocations: Sequence[Allocation],
    companies: Mapping[uuid.UUID, str],
    standing: Standing,
    totals: ProjectTotals,
    ahead_minor: int,
) -> Lane:
    given: dict[str, int] = {}
    for allocation in allocations:
        if allocation.company_id is not None:
            name = companies[allocation.company_id]
            given[name] = given.get(name, 0) + allocation.amount_minor
    confirmed = standing.confirmed
    paid = min(max(totals.paid_out_minor - ahead_minor, 0), confirmed)
    spent = min(max(totals.spent_of_paid_minor - ahead_minor, 0), paid)
    return Lane(
        project=allocations[0].project,
        by_companies=list(given.items()),
        own_minor=_sum_of(allocations, Source.TOP_UP),
        matched_minor=_sum_of(allocations, Source.MATCH),
        taken_back_minor=standing.taken_back,
        pending_minor=standing.pending,
        confirmed_minor=confirmed,
        paid_minor=paid,
        spent_minor=spent,
        ahead_minor=ahead_minor,
        frozen_minor=standing.frozen,
        rerouted_minor=standing.rerouted,
    )


def _sum_of(allocations: Sequence[Allocation], source: Source) -> int:
    return sum(one.amount_minor for one in allocations if one.source is source)


def _held_until(order: Order, allocations: Sequence[Allocation]) -> datetime | None:
    """Return when nothing of a project's part can be returned any more, from recorded dates.

    What was given back altogether is not waited for; the shopper's own gift waits for all parcels.
    """
    lines = {one.line_id for one in allocations}
    has_own = any(one.line_id is None for one in allocations)
    parcels = {
        line.company_order_id
        for line in order.lines
        if line.id in lines and line.refunded_quantity < line.quantity
    }
    dates = [
        part.window_closes_at
        for part in order.company_orders
        if (part.id in parcels or has_own)
        and part.released_at is None
        and part.state is not CompanyOrderState.CANCELLED
    ]
    known = [date for date in dates if date is not None]
    return max(known) if known and len(known) == len(dates) else None


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

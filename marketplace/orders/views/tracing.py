"""Where an order's money is now: a lane for each project, and every entry of the book in words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from marketplace.core.i18n import _
from marketplace.impact.queries import ProjectTotals
from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Purpose, Source
from marketplace.orders.models import Allocation, CompanyOrderState, Order
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
    held_until: datetime | None = None
    """When the last of what is pending is confirmed; None while a parcel of it is not sent."""

    @property
    def given_minor(self) -> int:
        """Return what was given when it was bought."""
        return sum(amount for _name, amount in self.by_companies) + self.own_minor

    @property
    def now_minor(self) -> int:
        """Return what is given now that returns are taken back."""
        return self.pending_minor + self.confirmed_minor

    @property
    def waiting_minor(self) -> int:
        """Return what is with us still."""
        return self.now_minor - self.paid_minor

    @property
    def unspent_minor(self) -> int:
        """Return what was paid out and is not spent yet."""
        return self.paid_minor - self.spent_minor

    def to_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "project": self.project.slug,
            "title": self.project.title,
            "given_by_companies_minor": self.given_minor - self.own_minor,
            "own_donation_minor": self.own_minor,
            "taken_back_minor": self.taken_back_minor,
            "held_minor": self.pending_minor,
            "held_until": self.held_until.isoformat() if self.held_until else None,
            "confirmed_minor": self.confirmed_minor,
            "paid_out_minor": self.paid_minor,
            "spent_minor": self.spent_minor,
        }


@dataclass(frozen=True)
class Sums:
    """All lanes together."""

    given_minor: int
    own_minor: int
    taken_back_minor: int
    now_minor: int
    pending_minor: int
    waiting_minor: int
    unspent_minor: int
    spent_minor: int

    @property
    def confirmed_waiting_minor(self) -> int:
        """Return what is confirmed and waits for its payout."""
        return self.waiting_minor - self.pending_minor


@dataclass(frozen=True)
class Entry:
    """A transfer of the book in words."""

    at: datetime
    what: str
    from_whom: str
    to_whom: str
    amount_minor: int
    is_purchase: bool
    """Whether it is part of what was paid: those add up to the total."""

    def to_json(self) -> dict[str, object]:
        """Return it for programs."""
        return {
            "at": self.at.isoformat(),
            "what": self.what,
            "from": self.from_whom,
            "to": self.to_whom,
            "amount_minor": self.amount_minor,
            "is_purchase": self.is_purchase,
        }


def lanes_of(
    order: Order,
    entries: Sequence[BookLine],
    totals: Mapping[uuid.UUID, ProjectTotals],
    ahead: Mapping[uuid.UUID, int],
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
            _lane(allocations, companies, _standing(entries, one), totals[one], ahead.get(one, 0)),
            held_until=_held_until(order, allocations),
        )
        for one, allocations in by_project.items()
    ]


def _lane(
    allocations: Sequence[Allocation],
    companies: Mapping[uuid.UUID, str],
    standing: tuple[int, int, int],
    totals: ProjectTotals,
    ahead_minor: int,
) -> Lane:
    given: dict[str, int] = {}
    for allocation in allocations:
        if allocation.company_id is not None:
            name = companies[allocation.company_id]
            given[name] = given.get(name, 0) + allocation.amount_minor
    pending, confirmed, taken_back = standing
    paid = min(max(totals.paid_out_minor - ahead_minor, 0), confirmed)
    spent = min(max(totals.spent_of_paid_minor - ahead_minor, 0), paid)
    return Lane(
        project=allocations[0].project,
        by_companies=list(given.items()),
        own_minor=sum(one.amount_minor for one in allocations if one.company_id is None),
        taken_back_minor=taken_back,
        pending_minor=pending,
        confirmed_minor=confirmed,
        paid_minor=paid,
        spent_minor=spent,
    )


def _held_until(order: Order, allocations: Sequence[Allocation]) -> datetime | None:
    """Return when nothing of a project's part can be returned any more, from recorded dates.

    What was given back altogether is not waited for; the shopper's own gift waits for all parcels.
    """
    lines = {one.line_id for one in allocations}
    has_own = any(one.company_id is None for one in allocations)
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


def _standing(entries: Sequence[BookLine], project_id: uuid.UUID) -> tuple[int, int, int]:
    """Return what of an order is pending and confirmed for a project, and what was taken back."""
    pending = confirmed = taken_back = 0
    for entry in entries:
        if entry.credit_owner_id == project_id:
            pending += entry.amount_minor * (entry.credit_purpose == Purpose.PROJECT_PENDING)
            confirmed += entry.amount_minor * (entry.credit_purpose == Purpose.PROJECT_AVAILABLE)
        if entry.debit_owner_id == project_id:
            pending -= entry.amount_minor * (entry.debit_purpose == Purpose.PROJECT_PENDING)
            confirmed -= entry.amount_minor * (entry.debit_purpose == Purpose.PROJECT_AVAILABLE)
            taken_back += entry.amount_minor * (entry.kind == Kind.REFUND)
    return pending, confirmed, taken_back


def sum_of(lanes: Sequence[Lane]) -> Sums:
    """Add up all lanes."""
    return Sums(
        given_minor=sum(lane.given_minor for lane in lanes),
        own_minor=sum(lane.own_minor for lane in lanes),
        taken_back_minor=sum(lane.taken_back_minor for lane in lanes),
        now_minor=sum(lane.now_minor for lane in lanes),
        pending_minor=sum(lane.pending_minor for lane in lanes),
        waiting_minor=sum(lane.waiting_minor for lane in lanes),
        unspent_minor=sum(lane.unspent_minor for lane in lanes),
        spent_minor=sum(lane.spent_minor for lane in lanes),
    )


def book_of(order: Order, entries: Sequence[BookLine]) -> list[Entry]:
    """Return every entry of the book about an order, in words."""
    names = {part.company_id: part.company.name for part in order.company_orders}
    names |= {one.project_id: one.project.title for one in order.allocations}
    return [
        Entry(
            at=entry.effective_at,  # type: ignore[arg-type]  # a moment; the ledger says object
            what=_what(entry.kind),
            from_whom=_who(entry, names, debit=True),
            to_whom=_who(entry, names, debit=False),
            amount_minor=entry.amount_minor,
            is_purchase=entry.kind == Kind.CAPTURE,
        )
        for entry in entries
        if entry.kind != Kind.FEE
    ]


def _what(kind: str) -> str:
    words = {
        Kind.CAPTURE: _("Paid"),
        Kind.RELEASE: _("Confirmed"),
        Kind.REFUND: _("Given back"),
        Kind.LATE_PAYMENT: _("A payment that could not be used"),
        Kind.LATE_PAYMENT_REFUND: _("Given back in full"),
    }
    return str(words.get(Kind(kind), kind))


def _who(entry: BookLine, names: Mapping[uuid.UUID, str], *, debit: bool) -> str:
    purpose = Purpose(entry.debit_purpose if debit else entry.credit_purpose)
    owner = entry.debit_owner_id if debit else entry.credit_owner_id
    source = entry.debit_source if debit else entry.credit_source
    name = names.get(owner, "") if owner else ""
    words = {
        Purpose.PROVIDER_CLEARING: _("You"),
        Purpose.REFUND_DUE: _("You"),
        Purpose.COMMISSION: _("Causeway, for running the market"),
        Purpose.COMPANY_PENDING: name,
        Purpose.COMPANY_AVAILABLE: name,
        Purpose.COMPANY_RECEIVABLE: _("%(name)s, from its next balance", name=name),
        Purpose.PROJECT_PENDING: _("%(name)s, held", name=name),
        Purpose.PROJECT_AVAILABLE: _("%(name)s, confirmed", name=name),
    }
    who = str(words.get(purpose) or name or purpose.value)
    return str(_("%(who)s, your own donation", who=who)) if source == Source.TOP_UP else who

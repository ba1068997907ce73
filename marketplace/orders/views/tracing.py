"""Where an order's money is now: a lane for each project, and every entry of the book in words."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from marketplace.core.i18n import _
from marketplace.impact.queries import ProjectTotals
from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Purpose, Source
from marketplace.orders import queries
from marketplace.orders.models import Allocation, CompanyOrderState, Order
from marketplace.orders.queries.tracing import PaidIn, SpentOn, Stretch
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
        return sum(amount for _name, amount in self.by_companies) + self.own_minor

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
            "given_by_companies_minor": self.given_minor - self.own_minor,
            "own_donation_minor": self.own_minor,
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
            confirmed_at=max(
                (
                    entry.effective_at
                    for entry in entries
                    if entry.kind == Kind.RELEASE and entry.credit_owner_id == one
                ),
                default=None,
            ),
        )
        for one, allocations in by_project.items()
    ]


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
        own_minor=sum(one.amount_minor for one in allocations if one.company_id is None),
        taken_back_minor=standing.taken_back,
        pending_minor=standing.pending,
        confirmed_minor=confirmed,
        paid_minor=paid,
        spent_minor=spent,
        ahead_minor=ahead_minor,
        frozen_minor=standing.frozen,
        rerouted_minor=standing.rerouted,
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


def _standing(entries: Sequence[BookLine], project_id: uuid.UUID) -> Standing:
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


def sum_of(lanes: Sequence[Lane]) -> Sums:
    """Add up all lanes."""
    return Sums(
        given_minor=sum(lane.given_minor for lane in lanes),
        own_minor=sum(lane.own_minor for lane in lanes),
        taken_back_minor=sum(lane.taken_back_minor for lane in lanes),
        now_minor=sum(lane.now_minor for lane in lanes),
        pending_minor=sum(lane.pending_minor for lane in lanes),
        frozen_minor=sum(lane.frozen_minor for lane in lanes),
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

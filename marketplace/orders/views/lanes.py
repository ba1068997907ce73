"""Where an order's money is now: a lane for each project."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from marketplace.campaigns.models import Pool
from marketplace.impact.queries import ProjectTotals
from marketplace.ledger.queries import BookLine
from marketplace.ledger.rules import Kind, Purpose, Source
from marketplace.orders import queries
from marketplace.orders.models import Allocation, CompanyOrderState, Order
from marketplace.orders.queries.disputing import MovedMoney
from marketplace.orders.queries.tracing import PaidIn, SpentOn, Stretch
from marketplace.orders.views.documents import moved_json, payout_json, spending_json
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
    came: Sequence[MovedMoney] = ()
    """What came on from other projects."""
    went: Sequence[MovedMoney] = ()
    """What went on to other projects."""

    @property
    def shown_minor(self) -> int:
        """Return what the lane begins with: what was given, else what came on."""
        return self.given_minor or sum(one.amount_minor for one in self.came)

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
            "came_from_other_projects": [moved_json(one, one.from_slug) for one in self.came],
            "went_to_other_projects": [moved_json(one, one.to_slug) for one in self.went],
            "confirmation_is_late_by_days": self.confirmation_late_days(now),
            "confirmed_minor": self.confirmed_minor,
            "confirmed_at": self.confirmed_at.isoformat() if self.confirmed_at else None,
            "payout_due_at": due.isoformat() if due else None,
            "payout_is_late_by_days": self.payout_late_days(now, maximum_age),
            "paid_out_minor": self.paid_minor,
            "payouts": [payout_json(one) for one in self.payouts],
            "spent_minor": self.spent_minor,
            "spendings": [spending_json(one) for one in self.spendings],
            "outcome": None,
        }


def lanes_of(
    order: Order,
    entries: Sequence[BookLine],
    totals: Mapping[uuid.UUID, ProjectTotals],
    ahead: Mapping[uuid.UUID, int],
    *,
    pools: Mapping[uuid.UUID, Pool],
    moved: Sequence[MovedMoney] = (),
    arrived: Mapping[uuid.UUID, Project] | None = None,
) -> list[Lane]:
    """Return a lane for each project, in the shopper's order, then those where money came on.

    `moved` is what went from project to project since, `arrived` the projects of it that were not
    chosen when it was bought. What was paid out and spent is matched in the order in which money
    was confirmed: what is `ahead` of this order's money is served first.
    """
    companies = {part.company_id: part.company.name for part in order.company_orders}
    by_project: dict[uuid.UUID, list[Allocation]] = {}
    for allocation in order.allocations:
        by_project.setdefault(allocation.project_id, []).append(allocation)
    projects = {one: mine[0].project for one, mine in by_project.items()} | dict(arrived or {})
    lanes: list[Lane] = []
    for one, project in projects.items():
        mine = by_project.get(one, [])
        came = [row for row in moved if row.to_id == one]
        lines = {row.line_id for row in mine}.union(*(row.line_ids for row in came))
        stands = standing_of(entries, one)
        lanes.append(
            replace(
                _lane(
                    project,
                    mine,
                    companies,
                    stands,
                    totals=totals[one],
                    ahead_minor=ahead.get(one, 0),
                ),
                held_until=_held_until(order, lines),
                confirmed_at=_confirmed_at(entries, one),
                sponsor=pools.get(one),
                came=came,
                went=[row for row in moved if row.from_id == one],
            )
        )
    return lanes


def _confirmed_at(entries: Sequence[BookLine], project_id: uuid.UUID) -> datetime | None:
    """Return when the last of an order's money for a project was confirmed."""
    days = [
        entry.effective_at
        for entry in entries
        if entry.credit_owner_id == project_id
        and (
            entry.kind == Kind.RELEASE
            or (entry.kind == Kind.REROUTE and entry.credit_purpose == Purpose.PROJECT_AVAILABLE)
        )
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
    project: Project,
    allocations: Sequence[Allocation],
    companies: Mapping[uuid.UUID, str],
    standing: Standing,
    *,
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
        project=project,
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


def _held_until(order: Order, lines: Collection[uuid.UUID | None]) -> datetime | None:
    """Return when nothing of a project's part can be returned any more, from recorded dates.

    `lines` are those that its money is of; None stands for what is of no line, which waits for all
    parcels. What was given back altogether is not waited for.
    """
    has_own = None in lines
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

"""Reads of where the money of orders is: what was confirmed before, what was given through whom."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.projects.models import SPENDING_COUNTS, Project

_AHEAD = sa.text(
    """
    with mine as (
        select account.owner_id as project_id, max(transfer.id) as last_id,
               sum(transfer.amount_minor) as minor
        from ledger_transaction released
        join ledger_transfer transfer on transfer.transaction_id = released.id
        join ledger_account account on account.id = transfer.credit_id
        where released.subject_id = :order and released.kind in ('release', 'reroute')
          and account.purpose = 'project_available'
        group by account.owner_id
    )
    select mine.project_id, (sum(transfer.amount_minor) - mine.minor)::bigint as ahead
    from mine
    join ledger_account account
      on account.owner_id = mine.project_id and account.purpose = 'project_available'
    join ledger_transfer transfer on transfer.credit_id = account.id and transfer.id <= mine.last_id
    join ledger_transaction released
      on released.id = transfer.transaction_id
      and released.kind in ('release', 'reroute', 'pool_guarantee')
    group by mine.project_id, mine.minor
    """
)


def list_released_before(order_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return for each project what was confirmed for it before this order's money was."""
    rows = session.execute(_AHEAD, {"order": order_id})
    return {row.project_id: row.ahead for row in rows}


def list_projects(project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Project]:
    """Return some projects by their ids, in the order of the ids; of none without asking."""
    if not project_ids:
        return {}
    rows = session.scalars(sa.select(Project).where(Project.id.in_(project_ids)))
    found = {row.id: row for row in rows}
    return {one: found[one] for one in project_ids if one in found}


@dataclass(frozen=True)
class GivenThrough:
    """What somebody's purchases gave to a project, less what was taken back with returns."""

    slug: str
    title: str
    organisation: str
    source: str
    currency: str
    pending_minor: int
    confirmed_minor: int

    @property
    def given_minor(self) -> int:
        """Return all of it."""
        return self.pending_minor + self.confirmed_minor


OF_PROJECTS = """account as materialized (
    select id, owner_id, source, currency, purpose = 'project_available' as is_confirmed
    from ledger_account
    where id = any(array(select distinct account_id from held))
        and purpose in ('project_pending', 'project_available', 'dispute_hold')
        and exists (select from project where project.id = owner_id)
)"""
"""SQL: of the accounts on which `held` says that something stands, those of projects."""
# Of each captured row what stands with projects now, wherever it was sent since.
_GIVEN_THROUGH = sa.text(
    f"""
    with captured as (
        select transfer.id, transfer.credit_id, transfer.amount_minor
        from customer_order
        join allocation on allocation.order_id = customer_order.id
        join ledger_transfer transfer on transfer.allocation_id = allocation.id
        where customer_order.customer_id = :customer
    ), side (account_id, minor) as (
        select credit_id, amount_minor from captured
        union all
        select way.account_id, way.minor
        from captured join ledger_transfer moved on moved.origin_id = captured.id
        cross join lateral (values (moved.credit_id, moved.amount_minor),
            (moved.debit_id, -moved.amount_minor)) way (account_id, minor)
    ), held as materialized (
        select account_id, sum(minor) as minor from side group by 1
    ), {OF_PROJECTS}
    select project.slug, project.title, project.organisation, account.source, account.currency,
        coalesce(sum(minor) filter (where not is_confirmed), 0)::bigint,
        coalesce(sum(minor) filter (where is_confirmed), 0)::bigint
    from held join account on account.id = account_id
    join project on project.id = account.owner_id
    group by project.id, account.source, account.currency
    order by sum(minor) desc, project.id
    """  # noqa: S608  # our own constant
)


def list_given_through(customer_id: uuid.UUID) -> list[GivenThrough]:
    """Return what a person's purchases gave, by project and by whose money it was."""
    rows = session.execute(_GIVEN_THROUGH, {"customer": customer_id})
    return [GivenThrough(*row) for row in rows]


@dataclass(frozen=True)
class Stretch:
    """Where an order's money stands in the line of all that was confirmed for a project."""

    project_id: uuid.UUID
    starts: int
    """What was confirmed before it."""
    ends: int


@dataclass(frozen=True)
class PaidIn:
    """A payout to a project, and how much of an order's money was in it."""

    number: int
    paid_at: datetime
    amount_minor: int
    """All of it that was not returned."""
    part_minor: int

    @property
    def others_minor(self) -> int:
        """Return how much of others it was paid together with."""
        return self.amount_minor - self.part_minor


_STRETCHES = """with mine as (
    select * from unnest(cast(:projects as uuid[]), cast(:starts as bigint[]),
        cast(:ends as bigint[])) as stretch(project_id, starts, ends)
)"""
_PAID_IN = sa.text(
    f"""
    {_STRETCHES}, paid as (
        select payee_id, number, paid_at, amount_minor - returned_minor as minor,
            sum(amount_minor - returned_minor) over (
                partition by payee_id order by paid_at, number) as upto
        from payout where payee_id = any(:projects) and state = 'paid'
    )
    select payee_id, number, paid_at, minor,
        (least(upto, ends) - greatest(upto - minor, starts))::bigint
    from paid join mine on mine.project_id = paid.payee_id
    where minor > 0 and upto > starts and upto - minor < ends
    order by payee_id, upto
    """  # noqa: S608  # our own constants
)


def list_paid_in(stretches: Sequence[Stretch]) -> dict[uuid.UUID, list[PaidIn]]:
    """Return by project the payouts that the money was in: first confirmed, first paid."""
    found: dict[uuid.UUID, list[PaidIn]] = {}
    for project_id, *row in session.execute(_PAID_IN, _given(stretches)):
        found.setdefault(project_id, []).append(PaidIn(*row))
    return found


@dataclass(frozen=True)
class SpentOn:
    """A receipt of a project, and how much of an order's money is in it."""

    spent_on: date
    purpose: str
    payee: str
    amount_minor: int
    part_minor: int
    update_id: uuid.UUID | None
    """The update that shows it."""


_SPENT_ON = sa.text(
    f"""
    {_STRETCHES}, spent as (
        select spending.*, sum(amount_minor) over (
            partition by spending.project_id order by spent_on, created_at, id) as upto
        from spending where project_id = any(:projects) and {SPENDING_COUNTS}
    )
    select spent.project_id, spent_on, purpose, payee, amount_minor,
        (least(upto, ends) - greatest(upto - amount_minor, starts))::bigint, update_id
    from spent join mine on mine.project_id = spent.project_id
    where upto > starts and upto - amount_minor < ends
    order by spent.project_id, upto
    """  # noqa: S608  # our own constants
)


def list_spent_on(stretches: Sequence[Stretch]) -> dict[uuid.UUID, list[SpentOn]]:
    """Return by project the receipts that the money is in: first paid out, first spent."""
    found: dict[uuid.UUID, list[SpentOn]] = {}
    for project_id, *row in session.execute(_SPENT_ON, _given(stretches)):
        found.setdefault(project_id, []).append(SpentOn(*row))
    return found


def _given(stretches: Sequence[Stretch]) -> dict[str, object]:
    return {
        "projects": [one.project_id for one in stretches],
        "starts": [one.starts for one in stretches],
        "ends": [one.ends for one in stretches],
    }

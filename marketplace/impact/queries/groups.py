"""Sums over projects that have something in common: a cause, a goal, a country, or nothing."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.impact.queries.totals import BY_PROJECT, EACH, SPENT, ProjectTotals
from marketplace.projects.models import Project
from marketplace.projects.rules import PUBLIC_STATES

SHOWN = 12


@dataclass(frozen=True)
class Group:
    """What the projects have in common; what is None is no matter."""

    cause: uuid.UUID | None = None
    goal: int | None = None
    country: str | None = None


_WHICH = """select id from project where currency = :currency and state = any(:states)
    and (cast(:cause as uuid) is null or cause_id = :cause)
    and (cast(:goal as int) is null or sdgs @> array[cast(:goal as int)])
    and (cast(:country as text) is null or country = :country)"""


def _bounds(group: Group, currency: str) -> dict[str, object]:
    return {"currency": currency, "states": list(PUBLIC_STATES), **asdict(group)}


@dataclass(frozen=True)
class GroupTotals:
    """The money of all projects of a group, and of those that were given most."""

    projects: int = 0
    """How many were given something, or spent something."""
    pending_minor: int = 0
    available_minor: int = 0
    paid_out_minor: int = 0
    spent_minor: int = 0
    """Of what was paid out, project by project."""
    largest: tuple[tuple[uuid.UUID, ProjectTotals], ...] = ()

    @property
    def given_minor(self) -> int:
        """Return all of it: pending, confirmed and paid out."""
        return self.pending_minor + self.available_minor + self.paid_out_minor

    @property
    def held_minor(self) -> int:
        """Return what is with us still, pending or confirmed."""
        return self.pending_minor + self.available_minor

    @property
    def unspent_minor(self) -> int:
        """Return what was paid out and is not spent yet."""
        return self.paid_out_minor - self.spent_minor


_TOTALS = sa.text(
    f"""
    with mine as materialized ({_WHICH}), each (id, pending, available, paid, spent) as ({
        EACH.format(
            given=BY_PROJECT.format(
                mine="currency = :currency and owner_id in (select id from mine)"
            ),
            spent=SPENT.format(mine="project_id in (select id from mine)"),
        )
    })
    select count(*) over (), sum(pending) over ()::bigint, sum(available) over ()::bigint,
        sum(paid) over ()::bigint, sum(least(paid, spent)) over ()::bigint,
        id, pending, available, paid, spent
    from each order by pending + available + paid desc, id limit :shown
    """  # noqa: S608  # our own constants
)


def group_totals(group: Group, currency: str, *, shown: int = SHOWN) -> GroupTotals:
    """Return the totals of a group's projects in a currency, and the largest of them."""
    rows = session.execute(_TOTALS, _bounds(group, currency) | {"shown": shown}).all()
    if not rows:
        return GroupTotals()
    projects, pending, available, paid, spent = rows[0][:5]
    largest = tuple((row[5], ProjectTotals(*row[6:])) for row in rows)
    return GroupTotals(projects, pending, available, paid, spent, largest)


@dataclass(frozen=True)
class Month:
    """What came in for a group's projects in a month, after returns, and what was paid out."""

    began_on: date
    given_minor: int
    paid_out_minor: int


# As `projects.queries.list_months` of one: what goes from one project to another adds nothing.
_MONTHS = sa.text(
    f"""
    with mine as materialized ({_WHICH})
    select moved.began_on,
        sum(case when account.purpose in ('project_pending', 'project_available')
                    and moved.kind in ('capture', 'reroute', 'pool_guarantee')
                then moved.credit_minor else 0 end
            - case when moved.kind in ('refund', 'dispute_lost', 'reroute')
                then moved.debit_minor else 0 end)::bigint,
        sum(case when account.purpose <> 'payout_in_flight' then 0
                when moved.kind = 'payout_settled' then moved.debit_minor
                when moved.kind = 'payout_returned' then -moved.credit_minor else 0 end)::bigint
    from ledger_account account
    join ledger_movement_month moved on moved.account_id = account.id
    where account.currency = :currency and account.owner_id in (select id from mine)
    group by 1 order by 1
    """  # noqa: S608  # our own constants
)


def list_months(group: Group, currency: str) -> list[Month]:
    """Return what came in and was paid out, month by month."""
    return [Month(*row) for row in session.execute(_MONTHS, _bounds(group, currency))]


def list_projects(project_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Project]:
    """Return projects with their photos."""
    found = session.scalars(
        sa.select(Project).where(Project.id.in_(project_ids)).options(joinedload(Project.photo))
    )
    return {project.id: project for project in found}

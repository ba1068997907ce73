"""Where money goes that was meant for a project which takes no more (domain.md, rule 13)."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.orders.models import Allocation
from marketplace.projects.models import Project, ProjectState

LONGEST_CHAIN = 5
"""Successors of successors are followed so far."""


def list_open(project_ids: Collection[uuid.UUID], currency: str) -> set[uuid.UUID]:
    """Return those of some projects that take money now."""
    return set(
        session.scalars(
            sa.select(Project.id).where(
                Project.id.in_(project_ids),
                Project.state == ProjectState.OPEN,
                Project.currency == currency,
            )
        )
    )


def list_titles(project_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Return what projects are called and whose they are, whatever state they are in."""
    rows = session.execute(
        sa.select(Project.id, Project.title, Project.organisation).where(
            Project.id.in_(project_ids), Project.state != ProjectState.PROPOSED
        )
    )
    return {project: (title, organisation) for project, title, organisation in rows}


def find_way(order_id: uuid.UUID, project_id: uuid.UUID, currency: str) -> uuid.UUID | None:
    """Return where an order's money for a project goes instead, None if nowhere.

    The shopper's next choice, from the project on and then from the beginning; the successor that
    the project named; the fund of its cause.
    """
    chosen = _chosen(order_id)
    place = chosen.index(project_id) if project_id in chosen else len(chosen)
    following = [one for one in [*chosen[place + 1 :], *chosen[:place]] if one != project_id]
    can_take = list_open(following, currency)
    by_shopper = next((one for one in following if one in can_take), None)
    return by_shopper or find_next(project_id, currency)


def find_next(project_id: uuid.UUID, currency: str) -> uuid.UUID | None:
    """Return where money of a project goes of which the shopper chose nothing else."""
    return _find_successor(project_id, currency) or _find_fund(project_id, currency)


def _chosen(order_id: uuid.UUID) -> list[uuid.UUID]:
    rows = session.scalars(
        sa.select(Allocation.project_id)
        .where(Allocation.order_id == order_id)
        .order_by(Allocation.position, Allocation.id)
    )
    return list(dict.fromkeys(rows))


def _find_successor(project_id: uuid.UUID, currency: str) -> uuid.UUID | None:
    seen = {project_id}
    current = session.get(Project, project_id)
    for _step in range(LONGEST_CHAIN):
        following = current.successor_id if current else None
        if following is None or following in seen:
            return None
        seen.add(following)
        current = session.get(Project, following)
        if current and current.state is ProjectState.OPEN and current.currency == currency:
            return current.id
    return None


def _find_fund(project_id: uuid.UUID, currency: str) -> uuid.UUID | None:
    cause = sa.select(Project.cause_id).where(Project.id == project_id).scalar_subquery()
    return session.scalar(
        sa.select(Project.id)
        .where(
            Project.is_fund,
            Project.cause_id == cause,
            Project.id != project_id,
            Project.state == ProjectState.OPEN,
            Project.currency == currency,
        )
        .order_by(Project.created_at, Project.id)
        .limit(1)
    )


@dataclass(frozen=True)
class Batch:
    """Orders of which money is still with a closed project, the newest first."""

    orders: list[uuid.UUID]
    below: int | None
    """Where the next batch begins; None if this was the last."""


# What came to the project's accounts of each captured row, less what went on from there. Of what is
# confirmed the newest was not paid out yet: payouts take the oldest first.
_WAITING = sa.text(
    """
    with mine as (
        select account.id from ledger_account account
        join ledger_account_balance balance on balance.account_id = account.id
        where account.owner_id = :project and balance.balance_minor > 0
            and account.purpose in ('project_pending', 'project_available')
    ), standing as (
        select coalesce(moved.origin_id, moved.id) as row_id, max(moved.id) as newest
        from ledger_transfer moved
        where (moved.debit_id in (select id from mine) or moved.credit_id in (select id from mine))
            and (moved.origin_id is not null or moved.allocation_id is not null)
        group by 1
        having sum(case when moved.credit_id in (select id from mine)
                        then moved.amount_minor else 0 end)
             > sum(case when moved.debit_id in (select id from mine)
                        then moved.amount_minor else 0 end)
    )
    select capture.subject_id, max(standing.newest) as newest
    from standing
    join ledger_transfer captured on captured.id = standing.row_id
    join ledger_transaction capture on capture.id = captured.transaction_id
    where capture.kind = 'capture' and not exists (
        select from dispute where dispute.order_id = capture.subject_id
            and dispute.state in ('inquiry', 'needs_response', 'under_review'))
    group by capture.subject_id
    having max(standing.newest) < :below
    order by newest desc limit :most
    """
)


def list_waiting(project_id: uuid.UUID, *, below: int | None, most: int) -> Batch:
    """Return orders of which a project has money that was not paid out, some at a time."""
    bounds = {"project": project_id, "below": below or 2**62, "most": most}
    rows = session.execute(_WAITING, bounds).all()
    return Batch([row[0] for row in rows], rows[-1].newest if len(rows) == most else None)


_CLOSED_WITH_MONEY = sa.text(
    """
    select distinct project.id from project
    join ledger_account account on account.owner_id = project.id
        and account.purpose in ('project_pending', 'project_available')
    join ledger_account_balance balance on balance.account_id = account.id
    where project.state = 'closed' and balance.balance_minor > 0 order by 1
    """
)


def list_closed_with_money() -> list[uuid.UUID]:
    """Return closed projects that still have money with us."""
    return list(session.scalars(_CLOSED_WITH_MONEY))

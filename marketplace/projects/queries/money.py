"""What the ledger says of a project, without anybody's personal data."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.projects.models import SPENDING_COUNTS
from marketplace.projects.rules import WHOLE_BP

# Account by account, of which a project has a few: never by looking through everybody's months.
MONTHS = f"""
    select month, sum(given)::bigint, sum(paid)::bigint, sum(spent)::bigint from (
    select moved.began_on as month,
           sum(case when account.purpose in ('project_pending', 'project_available')
                        and moved.kind in ('capture', 'reroute', 'pool_guarantee')
                    then moved.credit_minor else 0 end
               - case when moved.kind in ('refund', 'dispute_lost', 'reroute')
                    then moved.debit_minor else 0 end)::bigint,
           sum(case when account.purpose <> 'payout_in_flight' then 0
                    when moved.kind = 'payout_settled' then moved.debit_minor
                    when moved.kind = 'payout_returned' then -moved.credit_minor
                    else 0 end)::bigint,
           0
    from ledger_account account
    cross join lateral (
        select * from ledger_movement_month where account_id = account.id offset 0
    ) moved
    where account.owner_id = :project
    group by 1
    union all
    select date_trunc('month', spent_on)::date, 0, 0, sum(amount_minor)::bigint
    from spending where project_id = :project and {SPENDING_COUNTS}
    group by 1
    ) moved (month, given, paid, spent)
    group by 1 order by 1
"""  # noqa: S608  # our own constant
_MONTHS = sa.text(MONTHS)


def list_months(project_id: uuid.UUID) -> list[tuple[date, int, int, int]]:
    """Return by month what came in (less what was taken back), was paid out and was spent."""
    rows = session.execute(_MONTHS, {"project": project_id})
    return [(month, given, paid, spent) for month, given, paid, spent in rows]


# The same as `impact.queries`: what is available, under way and paid out together.
_REACHED = sa.text(
    """
    with confirmed as (
        select owner_id as project_id, sum(minor) as minor
        from (
            select owner_id, balance_minor from ledger_account_balance
            where purpose in ('project_available', 'payout_in_flight')
            union all
            select account.owner_id, case moved.kind when 'payout_settled' then moved.debit_minor
                else -moved.credit_minor end
            from ledger_account account
            join ledger_movement_month moved on moved.account_id = account.id
            where account.purpose = 'payout_in_flight'
                and moved.kind in ('payout_settled', 'payout_returned')
        ) part (owner_id, minor)
        group by owner_id
    ), counted as (
        select id, state, reached_bp, least(
            trunc(greatest(coalesce(confirmed.minor, 0), 0) * :whole / goal_minor), :most
        )::int as now_bp
        from project left join confirmed on confirmed.project_id = project.id
        where state in ('open', 'full')
    )
    select id, now_bp from counted
    where now_bp <> reached_bp or state <> case when now_bp >= :whole then 'full' else 'open' end
    order by id
    """
)
MOST_BP = 100 * WHOLE_BP
"""More than a hundred times its goal is told as a hundred times."""


def list_reached() -> list[tuple[uuid.UUID, int]]:
    """Return projects whose part of the goal that is confirmed has changed, in basis points."""
    rows = session.execute(_REACHED, {"whole": WHOLE_BP, "most": MOST_BP})
    return [(project, reached) for project, reached in rows]


# In a statement below, for the plan to be the same for all projects: then it is made once and kept.
# The making takes several times as long as the asking.
_THIS = "(select cast(:project as uuid))"
# Of a captured allocation something is left on the account on which it came.
_IS_LEFT = """(
            select captured.amount_minor > coalesce((
                select sum(case when back.debit_id = captured.credit_id
                    then back.amount_minor else -back.amount_minor end)
                from ledger_transfer back where back.origin_id = captured.id
                    and captured.credit_id in (back.debit_id, back.credit_id)
            ), 0)
            from ledger_transfer captured where captured.allocation_id = allocation.id
        )"""
_IS_OPEN = "part.released_at is null and part.window_closes_at is not null"
# The shopper's own gift waits for the last parcel of its order.
_IS_LAST = """not exists (
            select from company_order other
            where other.order_id = part.order_id and other.released_at is null
                and other.state <> 'cancelled'
                and (other.window_closes_at is null
                     or other.window_closes_at > part.window_closes_at)
        )"""
# By the index of what is to be released, until the first of which something is left for this one.
BY_WINDOW = f"""
    select min(closes_at) from (
        (select part.window_closes_at from company_order part
        cross join lateral (
            select from order_line line
            join allocation on allocation.line_id = line.id and allocation.project_id = {_THIS}
            where line.company_order_id = part.id and {_IS_LEFT}
            limit 1
        ) own
        where {_IS_OPEN}
        order by part.window_closes_at limit 1)
        union all
        (select part.window_closes_at from company_order part
        join allocation on allocation.order_id = part.order_id and allocation.line_id is null
            and allocation.project_id = {_THIS}
        where {_IS_OPEN} and {_IS_LEFT} and {_IS_LAST}
        order by part.window_closes_at limit 1)
    ) next (closes_at)
"""  # noqa: S608  # our own constants
# Who was seldom chosen would look through all parcels of everybody that way: each of its own few
# allocations is looked up instead. Nobody can tell the database which it is, so it is told how.
BY_OWN = f"""
    select min(allocation.window_closes_at) from (
        select allocation.id, part.window_closes_at
        from own allocation cross join lateral (
            select company_order_id from order_line where id = allocation.line_id offset 0
        ) line
        cross join lateral (
            select window_closes_at from company_order part
            where part.id = line.company_order_id and {_IS_OPEN} offset 0
        ) part
        union all
        select allocation.id, part.window_closes_at
        from own allocation cross join lateral (
            select window_closes_at from company_order part
            where part.order_id = allocation.order_id and {_IS_OPEN} and {_IS_LAST} offset 0
        ) part
        where allocation.line_id is null
        offset 0
    ) allocation
    where {_IS_LEFT}
"""  # noqa: S608  # our own constants
SELDOM = 300
"""With fewer allocations a project's own are looked through, else everybody's parcels."""
# Asked for as a range, they are read in the order of the index: never by looking through them all.
_OWN = f"""from allocation where project_id >= {_THIS} and project_id <= {_THIS}
        order by project_id, id limit {SELDOM}"""
NEXT_RELEASE = f"""
    with own as materialized (
        select id, line_id, order_id {_OWN}
    )
    select case when (select count(*) from (select {_OWN}) chosen) < {SELDOM}
        then ({BY_OWN}) else ({BY_WINDOW}) end
"""  # noqa: S608  # our own constants
"""SQL: one moment, of the project `:project`: whose return window closes next, of the parcels that
are on their way."""
_NEXT_RELEASE = sa.text(NEXT_RELEASE)


def find_next_release(project_id: uuid.UUID) -> datetime | None:
    """Return when the next of a project's pending money is confirmed, if that is known yet.

    It is known once a parcel is on its way: then the return window has an end.
    """
    found: datetime | None = session.scalar(_NEXT_RELEASE, {"project": project_id})
    return found


def has_balance(project_id: uuid.UUID) -> bool:
    """Say whether money stands in a project's name: pending, confirmed, under way or disputed."""
    query = sa.text(
        "select exists (select from ledger_account_balance "
        "where owner_id = :project and balance_minor <> 0)"
    )
    return bool(session.scalar(query, {"project": project_id}))

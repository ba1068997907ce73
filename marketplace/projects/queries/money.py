"""What the ledger says of a project, without anybody's personal data."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.projects.models import SPENDING_COUNTS
from marketplace.projects.rules import WHOLE_BP

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
    join ledger_movement_month moved on moved.account_id = account.id
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


# Whose return window closes next, of the parcels that are on their way: by the index of what is to
# be released, until the first of which something is left for this project. The shopper's own gift
# waits for the last parcel of its order.
NEXT_RELEASE = """
    select min(closes_at) from (
        (select part.window_closes_at from company_order part
        join order_line line on line.company_order_id = part.id
        join allocation on allocation.line_id = line.id and allocation.project_id = :project
        where {waits}
        order by part.window_closes_at limit 1)
        union all
        (select part.window_closes_at from company_order part
        join allocation on allocation.order_id = part.order_id and allocation.line_id is null
            and allocation.project_id = :project
        where {waits} and not exists (
            select from company_order other
            where other.order_id = part.order_id and other.released_at is null
                and other.state <> 'cancelled'
                and (other.window_closes_at is null
                     or other.window_closes_at > part.window_closes_at)
        )
        order by part.window_closes_at limit 1)
    ) next (closes_at)
    """.replace(
    "{waits}",
    """part.released_at is null and part.window_closes_at is not null and exists (
            select from ledger_transfer captured
            where captured.allocation_id = allocation.id and captured.amount_minor > coalesce((
                select sum(case when back.debit_id = captured.credit_id
                    then back.amount_minor else -back.amount_minor end)
                from ledger_transfer back where back.origin_id = captured.id
                    and captured.credit_id in (back.debit_id, back.credit_id)
            ), 0)
        )""",
)
"""SQL: one moment, of the project `:project`."""
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

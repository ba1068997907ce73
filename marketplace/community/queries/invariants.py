"""What `flask check` asks of teams: two figures, looked at and broken."""

from marketplace.community.queries.standing import FOLLOWED, OF_TEAM

# What a page says is what the allocations say less what left the projects' accounts again. And no
# order counts twice: nobody is in a team twice at a time.
COUNTED = f"""
    with mine as materialized ({OF_TEAM}), {FOLLOWED}, shown as (
        select team_id, sum(minor) as minor from standing group by team_id
    ), allocated as (
        select counted.team_id, sum(allocation.amount_minor) as minor
        from (select distinct team_id, id from mine) counted
        join customer_order orders on orders.id = counted.id and orders.state = 'paid'
        join allocation on allocation.order_id = counted.id
        group by counted.team_id
    ), gone as (
        select captured.team_id, sum(moved.amount_minor * case
            when source.purpose in ('project_pending', 'project_available', 'dispute_hold')
            then 1 else -1 end) as minor
        from captured join ledger_transfer moved on moved.origin_id = captured.id
        join ledger_account source on source.id = moved.debit_id
        join ledger_account target on target.id = moved.credit_id
        where (source.purpose in ('project_pending', 'project_available', 'dispute_hold'))
            <> (target.purpose in ('project_pending', 'project_available', 'dispute_hold'))
        group by captured.team_id
    ), compared as (
        select coalesce(shown.minor, 0)
            <> coalesce(allocated.minor, 0) - coalesce(gone.minor, 0) as broken
        from team left join shown on shown.team_id = team.id
        left join allocated on allocated.team_id = team.id
        left join gone on gone.team_id = team.id
        union all
        select exists (
            select from team_member other
            where other.team_id = one.team_id and other.user_id = one.user_id
                and other.id <> one.id and other.joined_at < coalesce(one.left_at, 'infinity')
                and one.joined_at < coalesce(other.left_at, 'infinity'))
        from team_member one
    )
    select count(*), count(*) filter (where broken) from compared
"""  # noqa: S608  # our own constants

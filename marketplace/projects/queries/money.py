"""What the ledger says of a project, without anybody's personal data."""

import uuid
from datetime import date

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.paging import Page, page_of

_MONTHS = sa.text(
    """
    select date_trunc('month', day.on_day)::date as month,
           sum(case when account.purpose = 'project_pending' and day.kind = 'capture'
                    then day.credit_minor else 0 end
               - case when day.kind = 'refund' then day.debit_minor else 0 end)::bigint,
           sum(case when account.purpose <> 'payout_in_flight' then 0
                    when day.kind = 'payout_settled' then day.debit_minor
                    when day.kind = 'payout_returned' then -day.credit_minor else 0 end)::bigint
    from ledger_account account
    cross join lateral (
        select kind, on_day, debit_minor, credit_minor from ledger_account_day
        where account_id = account.id
        union all
        select kind, on_day, debit_minor, credit_minor from ledger_delta
        where account_id = account.id
    ) day
    where account.owner_id = :project
    group by 1 order by 1
    """
)


def list_months(project_id: uuid.UUID) -> list[tuple[date, int, int]]:
    """Return by month what came in (less what was taken back) and what was paid out."""
    rows = session.execute(_MONTHS, {"project": project_id})
    return [(month, given, paid) for month, given, paid in rows]


# The newest of each account by its index, then of those the newest.
_ENTRIES = sa.text(
    """
    with mine as (select id from ledger_account where owner_id = :project), page as (
        select moved.id from mine cross join lateral (
            select id from ledger_transfer where debit_id = mine.id and id < :before
            order by id desc limit :limit
        ) moved
        union
        select moved.id from mine cross join lateral (
            select id from ledger_transfer where credit_id = mine.id and id < :before
            order by id desc limit :limit
        ) moved
        order by id desc limit :limit
    )
    select transfer.id, transaction.effective_at, transaction.kind,
        coalesce(credit.source, debit.source),
        case when coalesce(credit.source, debit.source) = 'pledge' then company.name end,
        transfer.amount_minor
    from page
    join ledger_transfer transfer on transfer.id = page.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    join ledger_account debit on debit.id = transfer.debit_id
    join ledger_account credit on credit.id = transfer.credit_id
    left join order_line line on line.id = transfer.line_id
    left join company on company.id = line.company_id
    order by transfer.id desc
    """
)
NEWEST = 2**63 - 1


def list_entries(
    project_id: uuid.UUID, *, before: int = NEWEST, limit: int = 40
) -> Page[sa.Row[tuple[object, ...]]]:
    """Return the ledger's transfers of a project without anybody's personal data."""
    rows = session.execute(
        _ENTRIES, {"project": project_id, "before": before, "limit": limit + 1}
    ).all()
    return page_of(rows, limit, lambda row: (row[0],))

"""What the book says of a payee: what waits, since when, and a month of it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.payouts.rules import PayeeKind, Statement, StatementRow, month_after


@dataclass(frozen=True)
class Waiting:
    """What is a payee's and not paid out yet."""

    pending_minor: int = 0
    available_minor: int = 0
    in_flight_minor: int = 0
    held_minor: int = 0
    """Frozen by disputes."""


_ON_ACCOUNTS = sa.text(
    """
    select coalesce(sum(balance_minor) filter (
               where purpose in ('company_pending', 'project_pending')), 0)::bigint,
           coalesce(sum(balance_minor) filter (
               where purpose in ('company_available', 'project_available')), 0)::bigint,
           coalesce(sum(balance_minor) filter (where purpose = 'payout_in_flight'), 0)::bigint,
           coalesce(sum(balance_minor) filter (where purpose = 'dispute_hold'), 0)::bigint
    from ledger_account_balance where owner_id = :payee and currency = :currency
    """
)


def on_accounts(payee_id: uuid.UUID, currency: str) -> Waiting:
    """Return what stands on a payee's accounts."""
    row = session.execute(_ON_ACCOUNTS, {"payee": payee_id, "currency": currency}).one()
    return Waiting(*row)


_AVAILABLE = "('company_available', 'project_available')"
_DAYS = """(
    select kind, on_day, debit_minor, credit_minor from ledger_account_day
    where account_id = account.id
    union all
    select kind, on_day, debit_minor, credit_minor from ledger_delta
    where account_id = account.id
)"""

# Going back from the newest credit: where they add up to the balance, there is its oldest cent.
# What came back from a payout is as old as it was before.
_OLDEST = sa.text(
    f"""
    with mine as (
        select id from ledger_account account
        where owner_id = :payee and currency = :currency and purpose in {_AVAILABLE}
    ), standing as (
        select coalesce(sum(balance_minor), 0) as minor
        from ledger_account_balance where account_id in (select id from mine)
    ), days as (
        select on_day, sum(sum(credit_minor)) over (order by on_day desc) as since_then
        from mine account cross join lateral {_DAYS} day
        where kind <> 'payout_returned' group by on_day
    )
    select max(on_day) from days, standing
    where standing.minor > 0 and since_then >= standing.minor
    """  # noqa: S608  # our own constants
)


def oldest_confirmed(payee_id: uuid.UUID, currency: str) -> date | None:
    """Return since when a payee's oldest confirmed cent waits."""
    found: date | None = session.scalar(_OLDEST, {"payee": payee_id, "currency": currency})
    return found


_BEGAN = sa.text(
    f"""
    select min(on_day) from ledger_account account cross join lateral {_DAYS} day
    where owner_id = :payee and currency = :currency and purpose in {_AVAILABLE}
    """  # noqa: S608  # our own constants
)


def when_it_began(payee_id: uuid.UUID, currency: str) -> date | None:
    """Return the day on which something was confirmed for a payee for the first time."""
    found: date | None = session.scalar(_BEGAN, {"payee": payee_id, "currency": currency})
    return found


_WITH_ENTRIES = sa.text(
    f"""
    select distinct owner_id, purpose from ledger_account account
    where purpose in {_AVAILABLE} and owner_id is not null and exists (
        select from {_DAYS} day where on_day >= :first and on_day < :end)
    order by owner_id
    """  # noqa: S608  # our own constants
)


def list_with_entries(month: date) -> list[tuple[PayeeKind, uuid.UUID]]:
    """Return the payees of whose month there is something to say; `month` is its first day."""
    rows = session.execute(_WITH_ENTRIES, {"first": month, "end": month_after(month)})
    return [(PayeeKind(row.purpose.partition("_")[0]), row.owner_id) for row in rows]


_MONTH = sa.text(
    f"""
    select case when on_day < :first then null else on_day end as day,
           case when on_day < :first then '' else kind end as kind,
           case when on_day < :first then null else source end as source,
           sum(credit_minor - debit_minor)::bigint
    from ledger_account account cross join lateral {_DAYS} day
    where owner_id = :payee and currency = :currency and purpose in {_AVAILABLE}
        and on_day < :end
    group by 1, 2, 3 order by 1 nulls first, 2, 3
    """  # noqa: S608  # our own constants
)
_CLOSING = sa.text(
    f"""
    select coalesce((
        select sum(amount_minor) from ledger_transfer transfer
        join ledger_transaction transaction on transaction.id = transfer.transaction_id
        where credit_id = any(mine.ids) and effective_at < :ends_at
    ), 0)::bigint - coalesce((
        select sum(amount_minor) from ledger_transfer transfer
        join ledger_transaction transaction on transaction.id = transfer.transaction_id
        where debit_id = any(mine.ids) and effective_at < :ends_at
    ), 0)::bigint
    from (
        select coalesce(array_agg(id), '{{}}') as ids from ledger_account
        where owner_id = :payee and currency = :currency and purpose in {_AVAILABLE}
    ) mine
    """  # noqa: S608  # our own constants
)


def statement_of(payee_id: uuid.UUID, currency: str, month: date) -> Statement:
    """Return a month of a payee's confirmed money.

    Its rows come from the daily roll-ups, its closing balance from the transfers themselves: that
    both agree is what `Statement.adds_up` says.
    """
    end = month_after(month)
    wanted = {"payee": payee_id, "currency": currency, "first": month, "end": end}
    rows = session.execute(_MONTH, wanted).all()
    closing = session.scalar(_CLOSING, wanted | {"ends_at": f"{end} 00:00+00"})
    return Statement(
        month=month,
        currency=currency,
        opening_minor=sum(minor for day, _kind, _source, minor in rows if day is None),
        closing_minor=int(closing or 0),
        rows=[
            StatementRow(day, kind, source, minor)
            for day, kind, source, minor in rows
            if day is not None and minor != 0
        ],
    )


_ENTRIES = sa.text(
    f"""
    with mine as (
        select id, source, purpose from ledger_account
        where owner_id = :payee and currency = :currency and purpose in {_AVAILABLE}
    )
    select transaction.effective_at, transaction.kind, mine.source,
           coalesce(part.number::text, 'payout ' || payout.number) as reference,
           case when mine.purpose = 'project_available' then company.name end as company,
           case when transfer.credit_id = mine.id then transfer.amount_minor
                else -transfer.amount_minor end as minor
    from mine
    join ledger_transfer transfer on transfer.credit_id = mine.id or transfer.debit_id = mine.id
    join ledger_transaction transaction on transaction.id = transfer.transaction_id
    left join order_line line on line.id = transfer.line_id
    left join company on company.id = line.company_id
    left join company_order part on part.id = coalesce(line.company_order_id, transfer.line_id)
        and mine.purpose = 'company_available'
    left join payout on payout.id = transaction.subject_id
    where transaction.effective_at >= :starts_at and transaction.effective_at < :ends_at
    order by transaction.effective_at, transfer.id
    """  # noqa: S608  # our own constants
)


def walk_entries(
    payee_id: uuid.UUID, currency: str, month: date
) -> Iterator[tuple[Any, ...]]:  # Any: a row's columns
    """Return each entry of a month, the oldest first: at, kind, source, about, company, minor."""
    wanted = {
        "payee": payee_id,
        "currency": currency,
        "starts_at": f"{month} 00:00+00",
        "ends_at": f"{month_after(month)} 00:00+00",
    }
    yield from (tuple(row) for row in session.execute(_ENTRIES, wanted))

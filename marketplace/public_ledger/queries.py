"""Reads of the public ledgers: a page by key, a few rows of an index for each account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session

NEWEST = 2**63 - 1


@dataclass(frozen=True)
class Entry:
    """A transfer of a project's money. Of the moment only the day is told: it is nobody's clock."""

    id: int
    day: date
    kind: str
    source: str | None
    """Whose money: `pledge`, `top_up`, `match`; None once it is one payout."""
    company: str | None
    """Who gives, where it is a company's money."""
    payout: int | None
    amount_minor: int
    effect_minor: int
    """What it changes in what is owed to the project: more, less, or nothing.

    A confirmation changes nothing; nor does what others carry that was given back after the payout.
    """
    running_minor: int | None
    """What was owed after it; only where no entry is left out."""


@dataclass(frozen=True)
class Wanted:
    """What of a ledger somebody wants to see; None is everything."""

    kind: str | None = None
    since: datetime | None = None
    before: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Say whether no entry is left out."""
        return self == Wanted()


_SIDE = """
    select transfer.id from ledger_transfer transfer
    join ledger_transaction happened on happened.id = transfer.transaction_id
    where transfer.{side} = mine.id and transfer.id < :below
      and (cast(:kind as text) is null or happened.kind = :kind)
      and (cast(:since as timestamptz) is null or happened.effective_at >= :since)
      and (cast(:before as timestamptz) is null or happened.effective_at < :before)
    order by transfer.id desc limit :limit
"""
# A refund or a lost dispute after the payout: others carry it, no account of the project moves. It
# is told where the money stood last. They are few, so they are looked for from who carries them.
_ADJUSTED = """
    select transfer.id from ledger_account carrier
    join ledger_transfer transfer on transfer.debit_id = carrier.id and transfer.id < :below
    join ledger_transaction happened on happened.id = transfer.transaction_id
    cross join lateral (
        select way.credit_id from ledger_transfer way
        join ledger_transaction went on went.id = way.transaction_id
        where way.id = transfer.origin_id
           or way.origin_id = transfer.origin_id and went.kind = 'reroute'
        order by way.id desc limit 1
    ) last
    join mine on mine.id = last.credit_id
    where carrier.purpose in ('company_receivable', 'losses') and carrier.currency = :currency
      and happened.kind in ('refund', 'dispute_lost')
      and (cast(:kind as text) is null or :kind = 'adjusted')
      and (cast(:since as timestamptz) is null or happened.effective_at >= :since)
      and (cast(:before as timestamptz) is null or happened.effective_at < :before)
    order by transfer.id desc limit :limit
"""
_OF_PROJECT = sa.text(
    f"""
    with mine as (
        select account_id as id, balance_minor from ledger_account_balance
        where owner_id = :project and currency = :currency
    ), page as (
        select moved.id from mine cross join lateral ({_SIDE.format(side="debit_id")}) moved
        union
        select moved.id from mine cross join lateral ({_SIDE.format(side="credit_id")}) moved
        union
        select adjusted.id from ({_ADJUSTED}) adjusted
        order by id desc limit :limit
    ), entry as (
        select transfer.id, (happened.effective_at at time zone 'UTC')::date as day,
            case when debit.purpose in ('company_receivable', 'losses') then 'adjusted'
                else happened.kind end as kind,
            case when happened.kind in ('payout_settled', 'transfer_reversed')
                then null else coalesce(credit.source, debit.source) end as source,
            company.name as company, payout.number as payout, transfer.amount_minor,
            case when credit.owner_id = :project and debit.owner_id = :project
                    or debit.purpose in ('company_receivable', 'losses') then 0
                when credit.owner_id = :project then transfer.amount_minor
                else -transfer.amount_minor end as effect
        from page
        join ledger_transfer transfer on transfer.id = page.id
        join ledger_transaction happened on happened.id = transfer.transaction_id
        join ledger_account debit on debit.id = transfer.debit_id
        join ledger_account credit on credit.id = transfer.credit_id
        left join payout on payout.id = happened.subject_id
        left join order_line line on line.id = transfer.line_id
            and (coalesce(credit.source, debit.source) = 'pledge'
                or debit.purpose = 'company_receivable')
        left join company on company.id = line.company_id
    )
    select id, day, kind, source, company, payout, amount_minor, effect,
        (coalesce(cast(:running as bigint), (select sum(balance_minor) from mine))
            - coalesce(sum(effect) over (
                order by id desc rows between unbounded preceding and 1 preceding
            ), 0))::bigint
    from entry order by id desc
    """  # noqa: S608  # our own constants
)


def list_of_project(
    project_id: uuid.UUID,
    currency: str,
    wanted: Wanted,
    *,
    below: int = NEWEST,
    running: int | None = None,
    limit: int,
) -> list[Entry]:
    """Return entries of a project's money, the newest first, below an entry's number.

    :param running: what was owed after the next entry, as the page before told it
    """
    rows = session.execute(
        _OF_PROJECT,
        {
            "project": project_id,
            "currency": currency,
            "kind": wanted.kind,
            "since": wanted.since,
            "before": wanted.before,
            "below": below,
            "running": running,
            "limit": limit,
        },
    )
    can_run = wanted.is_everything and (below == NEWEST or running is not None)
    entries = [Entry(*row) for row in rows]
    return entries if can_run else [replace(one, running_minor=None) for one in entries]


@dataclass(frozen=True)
class Gift:
    """What a company gave at a sale to a project, and what became of it."""

    id: uuid.UUID
    day: date
    project: str
    slug: str
    currency: str
    amount_minor: int
    taken_back_minor: int
    """With goods that were returned."""
    confirmed_on: date | None


# A company's ledger is of what it gives: what it sells is in its reports, as far as it tells it.
_OF_COMPANY = sa.text(
    """
    select allocation.id, (happened.effective_at at time zone 'UTC')::date, project.title,
        project.slug, captured.currency, captured.amount_minor, became.taken_back,
        became.confirmed_on
    from allocation
    join ledger_transfer captured on captured.allocation_id = allocation.id
    join ledger_transaction happened on happened.id = captured.transaction_id
    join project on project.id = allocation.project_id
    cross join lateral (
        select coalesce(sum(moved.amount_minor) filter (
                where what.kind in ('refund', 'dispute_lost')
                    and debit.purpose <> 'company_receivable'), 0)::bigint as taken_back,
            (max(what.effective_at) filter (where what.kind = 'release')
                at time zone 'UTC')::date as confirmed_on
        from ledger_transfer moved
        join ledger_transaction what on what.id = moved.transaction_id
        join ledger_account debit on debit.id = moved.debit_id
        where moved.origin_id = captured.id
    ) became
    where allocation.company_id = :company and allocation.id < :below
      and (cast(:since as timestamptz) is null or happened.effective_at >= :since)
      and (cast(:before as timestamptz) is null or happened.effective_at < :before)
      and case :kind when 'held' then became.confirmed_on is null
                         and became.taken_back < captured.amount_minor
                     when 'confirmed' then became.confirmed_on is not null
                     when 'taken_back' then became.taken_back > 0 else true end
    order by allocation.id desc limit :limit
    """
)
LAST_ID = uuid.UUID(int=2**128 - 1)


def list_of_company(
    company_id: uuid.UUID, wanted: Wanted, *, below: uuid.UUID = LAST_ID, limit: int
) -> Sequence[Gift]:
    """Return what a company gave out of its prices, the newest first, below an entry's id."""
    rows = session.execute(
        _OF_COMPANY,
        {
            "company": company_id,
            "kind": wanted.kind or "",
            "since": wanted.since,
            "before": wanted.before,
            "below": below,
            "limit": limit,
        },
    )
    return [Gift(*row) for row in rows]

"""What is owed and held, from balances and daily roll-ups: no transfer is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.proofs.rules import solvency
from marketplace.proofs.rules.solvency import ProjectDay, Sheet

MOST_PROJECTS = 200
"""Of how many projects the median is taken: those that were paid last."""

# The folded days of one account and what waits to be folded: few rows of an index.
_MOVED = """(
    select kind, on_day, debit_minor, credit_minor from ledger_account_day
    where account_id = account.id and on_day >= :since
    union all
    select kind, on_day, debit_minor, credit_minor from ledger_delta
    where account_id = account.id and on_day >= :since
)"""
_MOVED_LATELY = _MOVED.replace(":since", ":paid_since")
_IS_PROJECT = """(account.purpose in ('payout_in_flight', 'dispute_hold')
    and exists (select from project where project.id = account.owner_id))"""


@dataclass(frozen=True)
class Oldest:
    """The day of the cent that waits longest, and whose it is."""

    day: date
    project: str
    slug: str


@dataclass(frozen=True)
class Solvency:
    """What is owed and held in a currency, how it came there, and how long money takes."""

    counted_at: datetime
    currency: str
    days: list[tuple[date, Sheet]]
    """At the end of each day, the oldest first; the last is now."""
    oldest: Mapping[str, Oldest]
    """By `pending`, `confirmed` and `underway`."""
    median_days: int | None
    paid_since: date
    """The median is of what was paid out since then."""

    @property
    def now(self) -> Sheet:
        """Return what is owed and held now."""
        return self.days[-1][1]


def solvency_of(currency: str, *, now: datetime, days: int) -> Solvency:
    """Return the figures of a currency over some days: four statements."""
    today = now.date()
    since = today - timedelta(days=days)
    return Solvency(
        counted_at=now,
        currency=currency,
        days=solvency.by_day(_balances(currency), _moved(currency, since), today, days),
        oldest=_oldest(currency),
        median_days=solvency.median_days(_waits(currency, since)),
        paid_since=since,
    )


_BALANCES = sa.text(
    f"""
    select account.purpose, {_IS_PROJECT}, sum(balance.balance_minor)::bigint
    from ledger_account account
    join ledger_account_balance balance on balance.account_id = account.id
    where account.currency = :currency group by 1, 2
    """  # noqa: S608  # our own constants
)


def _balances(currency: str) -> dict[str, int]:
    told: dict[str, int] = {}
    for purpose, is_project, minor in session.execute(_BALANCES, {"currency": currency}):
        part = solvency.part_of(purpose, is_project=is_project)
        told[part] = told.get(part, 0) + minor
    return told


_DAYS = sa.text(
    f"""
    select moved.on_day, account.purpose, {_IS_PROJECT},
        sum(moved.credit_minor - moved.debit_minor)::bigint
    from ledger_account account cross join lateral {_MOVED} moved
    where account.currency = :currency group by 1, 2, 3
    """  # noqa: S608  # our own constants
)


def _moved(currency: str, since: date) -> dict[date, dict[str, int]]:
    told: dict[date, dict[str, int]] = {}
    rows = session.execute(_DAYS, {"currency": currency, "since": since})
    for day, purpose, is_project, minor in rows:
        part = solvency.part_of(purpose, is_project=is_project)
        told.setdefault(day, {})
        told[day][part] = told[day].get(part, 0) + minor
    return told


# Going back from the newest credit: where they add up to the balance, there is its oldest cent.
_OLDEST = sa.text(
    f"""
    select distinct on (part) case purpose when 'project_pending' then 'pending'
            when 'project_available' then 'confirmed' else 'underway' end as part,
        standing.on_day, project.title, project.slug
    from (
        select account.purpose, account.owner_id, max(moved.on_day) as on_day
        from ledger_account account
        join ledger_account_balance balance on balance.account_id = account.id
        cross join lateral (
            select on_day, sum(sum(credit_minor)) over (order by on_day desc) as since_then
            from {_MOVED} moved group by on_day
        ) moved
        where account.currency = :currency and balance.balance_minor > 0
            and account.purpose in ('project_pending', 'project_available', 'payout_in_flight')
            and moved.since_then >= balance.balance_minor
        group by account.id
    ) standing
    join project on project.id = standing.owner_id
    order by part, standing.on_day, project.slug
    """  # noqa: S608  # our own constants
)


def _oldest(currency: str) -> dict[str, Oldest]:
    rows = session.execute(_OLDEST, {"currency": currency, "since": date.min})
    return {part: Oldest(day, title, slug) for part, day, title, slug in rows}


_FLOW = sa.text(
    f"""
    with paid as (
        select account.owner_id, max(moved.on_day) as on_day
        from ledger_account account cross join lateral {_MOVED_LATELY} moved
        where account.currency = :currency and {_IS_PROJECT}
            and account.purpose = 'payout_in_flight' and moved.kind = 'payout_settled'
        group by 1 order by 2 desc, 1 limit :most
    )
    select account.owner_id, moved.on_day,
        coalesce(sum(credit_minor) filter (
            where purpose in ('project_pending', 'project_available')
                and kind in ('capture', 'reroute', 'pool_guarantee')), 0)::bigint,
        coalesce(sum(debit_minor) filter (
            where kind in ('refund', 'dispute_lost', 'reroute')
        ), 0)::bigint,
        coalesce(sum(debit_minor) filter (where kind = 'payout_settled'), 0)::bigint
    from paid
    join ledger_account account on account.owner_id = paid.owner_id
        and account.currency = :currency
        and account.purpose in (
            'project_pending', 'project_available', 'payout_in_flight', 'dispute_hold')
    cross join lateral {_MOVED} moved
    group by 1, 2 order by 1, 2
    """  # noqa: S608  # our own constants
)


def _waits(currency: str, since: date) -> list[tuple[int, int]]:
    rows = session.execute(
        _FLOW,
        {"currency": currency, "since": date.min, "paid_since": since, "most": MOST_PROJECTS},
    ).all()
    told: list[tuple[int, int]] = []
    for _project, mine in groupby(rows, key=itemgetter(0)):
        told += solvency.waits([ProjectDay(*row[1:]) for row in mine], since)
    return told

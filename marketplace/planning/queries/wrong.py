"""What went wrong with a project, from what is recorded: told or not, it is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from marketplace.planning.rules import RECEIPTS_AFTER, WrongKind
from marketplace.projects.models import SPENDING_COUNTS
from marketplace.projects.rules import REMIND_AFTER

MOST_OF_A_KIND = 4
MOST_SHOWN = 10


@dataclass(frozen=True)
class Wrong:
    """Something that went wrong; what does not say a thing leaves it empty."""

    kind: WrongKind
    on_day: date | None
    """None for what is wrong still."""
    title: str
    note: str
    was_minor: int | None
    minor: int | None
    update_id: str | None


def _newest(query: str) -> str:
    return f"({query} order by 2 desc limit {MOST_OF_A_KIND})"


_SETBACKS = """
    select 'setback', published_at::date, title, '', null::bigint, null::bigint, id::text
    from project_update
    where project_id = :project and is_setback and taken_back_at is null
"""
_UPDATES = """
    select case when taken_back_at is null then 'update_corrected' else 'update_taken_back' end,
        coalesce(taken_back_at, corrected_at)::date, title, note, null, null, id::text
    from project_update
    where project_id = :project and (corrected_at is not null or taken_back_at is not null)
"""
_SPENDINGS = """
    select 'spending_corrected', later.created_at::date, later.purpose, later.note,
        earlier.amount_minor, later.amount_minor, null
    from spending later join spending earlier on earlier.id = later.corrects_id
    where later.project_id = :project
"""
_OUTCOMES = """
    select case when outcome.is_withdrawn then 'outcome_withdrawn' else 'outcome_corrected' end,
        outcome.published_at::date, indicator.title, outcome.note, null, null, null
    from outcome join indicator on indicator.id = outcome.indicator_id
    where indicator.project_id = :project and outcome.corrects_id is not null
        and outcome.state = 'published'
"""
# By the few days on which such a thing happened, which have an index of their own.
_MOVED = """
    select case day.kind when 'reroute' then 'rerouted' else 'payout_returned' end,
        day.on_day, '', '', null,
        sum(day.debit_minor)::bigint, null
    from ledger_account account cross join lateral (
        select kind, on_day, debit_minor from ledger_account_day
        where account_id = account.id and kind in ('reroute', 'payout_returned')
        union all
        select kind, on_day, debit_minor from ledger_delta
        where account_id = account.id and kind in ('reroute', 'payout_returned')
    ) day
    where account.owner_id = :project and day.debit_minor > 0 and (
        account.purpose = 'payout_in_flight' and day.kind = 'payout_returned'
        or account.purpose in ('project_pending', 'project_available') and day.kind = 'reroute')
    group by 1, 2
"""
_LATE = """
    select 'late', due_on, title, '', null, null, null from milestone
    where project_id = :project and reached_on is null and due_on < :today
"""
_WITHOUT_RECEIPT = f"""
    select 'without_receipt', null::date, '', '', null, paid.minor - spent.minor, null from (
        select coalesce(sum(amount_minor - returned_minor), 0)::bigint from payout
        where payee_id = :project and state = 'paid'
            and paid_at < cast(:today as date) - {RECEIPTS_AFTER.days}
    ) paid (minor), (
        select coalesce(sum(amount_minor), 0)::bigint from spending
        where project_id = :project and {SPENDING_COUNTS}
    ) spent (minor)
    where paid.minor > spent.minor
"""  # noqa: S608  # our own constants
_SILENT = f"""
    select 'silent', told.on_day, '', '', null, null, null from (
        select greatest(max(published_at), max(coalesce(verified_at, created_at)))::date
        from project left join project_update told on told.project_id = project.id
        where project.id = :project and project.state in ('open', 'full', 'paused')
    ) told (on_day)
    where told.on_day < cast(:today as date) - {REMIND_AFTER.days}
"""  # noqa: S608  # our own constants
WRONG = f"""
    select coalesce(jsonb_agg(to_jsonb(wrong) order by on_day desc nulls first, title), '[]')
    from (
        select * from (
            {_newest(_SETBACKS)} union all {_newest(_UPDATES)} union all {_newest(_SPENDINGS)}
            union all {_newest(_OUTCOMES)} union all {_newest(_MOVED)} union all {_newest(_LATE)}
            union all ({_WITHOUT_RECEIPT}) union all ({_SILENT})
        ) found (kind, on_day, title, note, was_minor, minor, update_id)
        order by on_day desc nulls first, title limit {MOST_SHOWN}
    ) wrong
"""  # noqa: S608  # our own constants
"""SQL: what went wrong with `:project` until `:today`, as JSON, the newest first."""


def wrong_of(rows: Iterable[Any]) -> list[Wrong]:  # Any: JSON
    """Return what `WRONG` found."""
    return [
        Wrong(
            WrongKind(row["kind"]),
            date.fromisoformat(row["on_day"]) if row["on_day"] else None,
            *(row["title"], row["note"], row["was_minor"], row["minor"], row["update_id"]),
        )
        for row in rows
    ]

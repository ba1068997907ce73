"""What was confirmed, by giver, project and month; what was paid out; and which files there are.

Everything is read in parts, in order of the projects' ids, so that a file of any size needs no
more memory than its largest project.
"""

import json
import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.media import storage
from marketplace.opendata.rules.records import (
    Activity,
    CheckedTold,
    Format,
    FunderTold,
    Grant,
    Indicated,
    PayoutTold,
    ProjectTold,
    StepTold,
)
from marketplace.projects.rules import PUBLIC_STATES

FOLDER = "open-data"
MANIFEST = f"{FOLDER}/manifest.json"
AT_ONCE = 500
T = TypeVar("T")

_PROJECT = """project.id, project.slug, project.title, project.summary, project.organisation,
    project.place, project.country, project.latitude, project.longitude, project.state,
    project.currency,
    case when project.sdgs = '{}' then array[cause.sdg] else project.sdgs end,
    cause.slug, cause.name_en, coalesce(project.verified_at, project.created_at)::date"""
PROJECT_COLUMNS = 15

# Every movement on and off the accounts of what is confirmed goes back to the captured row whose
# money it is; payouts do not: they are pooled. So what is left of all of them is what was raised.
_GRANTS = sa.text(
    f"""
    with gift as (
        select allocation.company_id, allocation.source, account.owner_id as project_id,
            captured.id, min(happened.effective_at) filter (where way.minor > 0) as confirmed_at,
            max(happened.effective_at) as changed_at, sum(way.minor) as minor
        from ledger_transfer moved
        join ledger_transfer captured on captured.id = moved.origin_id
        join allocation on allocation.id = captured.allocation_id
        join ledger_transaction happened on happened.id = moved.transaction_id
        cross join lateral (values (moved.credit_id, moved.amount_minor),
            (moved.debit_id, -moved.amount_minor)) way (account_id, minor)
        join ledger_account account on account.id = way.account_id
        where account.purpose = 'project_available'
        group by 1, 2, 3, 4
    ), given as (
        select company_id, source, project_id,
            date_trunc('month', confirmed_at at time zone 'UTC')::date as month,
            sum(minor)::bigint as minor, count(*) filter (where minor > 0) as gifts,
            (min(confirmed_at) at time zone 'UTC')::date as first_on,
            (max(confirmed_at) at time zone 'UTC')::date as last_on,
            max(changed_at) as changed_at
        from gift group by 1, 2, 3, 4 having sum(minor) > 0
    ), checked as (
        select about, string_agg(step || '=' || checked_on
            || coalesce(' sanctions-list=' || list_on, ''), ' ' order by step) as steps
        from (
            select distinct on (coalesce(company_id, project_id), step)
                coalesce(company_id, project_id) as about, step, checked_on, list_on, result
            from verification_check
            order by coalesce(company_id, project_id), step, made_at desc, id desc
        ) last where result = 'passed' group by about
    ), standing as (
        select distinct on (coalesce(company_id, project_id))
            coalesce(company_id, project_id) as about, level, valid_until,
            (decided_at at time zone 'UTC')::date as decided_on
        from verification order by coalesce(company_id, project_id), decided_at desc, id desc
    ), verified as (
        select about, level, decided_on, valid_until, steps
        from standing left join checked using (about)
    )
    select {_PROJECT}, given.company_id, company.name, given.source, given.month, given.minor,
        given.gifts, given.first_on, given.last_on, given.changed_at,
        own.level, own.decided_on, own.valid_until, own.steps,
        theirs.level, theirs.decided_on, theirs.valid_until, theirs.steps
    from given join project on project.id = given.project_id
    join cause on cause.id = project.cause_id
    left join company on company.id = given.company_id
    left join verified own on own.about = project.id
    left join verified theirs on theirs.about = company.id
    order by project.id, given.month, given.source, given.company_id
    """  # noqa: S608  # our own constants
)
_PAYOUTS = sa.text(
    """
    select account.owner_id, payout.number, account.currency, sum(moved.minor)::bigint,
        (min(happened.effective_at) at time zone 'UTC')::date
    from ledger_account account
    join project on project.id = account.owner_id
    cross join lateral (
        select transaction_id, amount_minor, 'payout_settled'
        from ledger_transfer where debit_id = account.id
        union all
        select transaction_id, -amount_minor, 'payout_returned'
        from ledger_transfer where credit_id = account.id
    ) moved (transaction_id, minor, kind)
    join ledger_transaction happened
        on happened.id = moved.transaction_id and happened.kind = moved.kind
    join payout on payout.id = happened.subject_id
    where account.purpose = 'payout_in_flight'
    group by account.owner_id, payout.number, account.currency having sum(moved.minor) <> 0
    order by account.owner_id, payout.number
    """
)
# Corrected and withdrawn values do not count; what was measured stays when its indicator ended.
_RESULTS = sa.text(
    """
    select indicator.project_id, indicator.title, indicator.unit, indicator.code,
        indicator.kind = 'adds', indicator.baseline, indicator.baseline_on, indicator.target,
        indicator.target_on, coalesce(measured.days, '{}'), coalesce(measured.vals, '{}')
    from indicator left join lateral (
        select array_agg(outcome.measured_on order by outcome.measured_on, outcome.id) as days,
            array_agg(outcome.value order by outcome.measured_on, outcome.id) as vals
        from outcome
        where outcome.indicator_id = indicator.id and outcome.state = 'published'
            and not outcome.is_withdrawn and not exists (
                select from outcome correction
                where correction.corrects_id = outcome.id and correction.state = 'published'
            )
    ) measured on true
    order by indicator.project_id, indicator.position, indicator.id
    """
)
_STEPS = sa.text(
    "select project_id, title, due_on, reached_on from milestone "
    "where due_on is not null or reached_on is not null "
    "order by project_id, coalesce(due_on, reached_on), position, id"
)
# What was only applied for funds nothing yet; what it became is another row.
_FUNDERS = sa.text(
    "select distinct project_id, funder from funding_elsewhere where standing = 'certain' "
    "order by project_id, funder"
)
_PROJECTS = sa.text(
    f"""
    select {_PROJECT} from project join cause on cause.id = project.cause_id
    where project.state = any(:states) order by project.id
    """  # noqa: S608  # our own constants
)


def list_grants() -> Generator[Grant, None, None]:
    """Yield every grant, by project, month and giver; read inside one transaction."""
    for row in _stream(_GRANTS):
        grant = Grant(_project(row), *row[PROJECT_COLUMNS:-8])
        recipient, giver = CheckedTold(*row[-8:-4]), CheckedTold(*row[-4:])
        yield replace(grant, recipient_checked=recipient, giver_checked=giver)


def list_activities() -> Iterator[Activity]:
    """Yield every public project with its grants and payouts, which are read as they are asked for.

    Each must be read to its end before the next one is asked for; what is left is passed over.
    """
    with (
        closing(list_grants()) as grants,
        closing(_stream(_PAYOUTS)) as rows,
        closing(_stream(_RESULTS)) as measured,
        closing(_stream(_STEPS)) as planned,
        closing(_stream(_FUNDERS)) as funded,
    ):
        of_grants = _Follower(groupby(grants, key=lambda grant: grant.project.id))
        payouts = (PayoutTold(*row) for row in rows)
        of_payouts = _Follower(groupby(payouts, key=lambda payout: payout.project_id))
        results = (_indicated(row) for row in measured)
        of_results = _Follower(groupby(results, key=lambda result: result.project_id))
        steps = (StepTold(*row) for row in planned)
        of_steps = _Follower(groupby(steps, key=lambda step: step.project_id))
        funders = (FunderTold(*row) for row in funded)
        of_funders = _Follower(groupby(funders, key=lambda funder: funder.project_id))
        for row in _stream(_PROJECTS, {"states": list(PUBLIC_STATES)}):
            project = _project(row)
            yield Activity(
                project,
                of_grants.of(project.id),
                of_payouts.of(project.id),
                of_results.of(project.id),
                of_steps.of(project.id),
                of_funders.of(project.id),
            )


class _Follower(Generic[T]):
    """Gives from groups in order of their ids the one that is asked for, in the same order."""

    def __init__(self, groups: Iterator[tuple[uuid.UUID, Iterator[T]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def of(self, wanted: uuid.UUID) -> Iterator[T]:
        while self._next and self._next[0] < wanted:
            self._next = next(self._groups, None)
        if self._next and self._next[0] == wanted:
            yield from self._next[1]


def _stream(
    query: sa.TextClause, bounds: dict[str, object] | None = None
) -> Generator[Any, None, None]:
    """Yield rows, some hundred at a time from the database."""  # Any: rows of text
    with session.execute(query, bounds or {}, execution_options={"yield_per": AT_ONCE}) as rows:
        yield from rows


def _project(row: Any) -> ProjectTold:  # Any: a row of text
    values = list(row[:PROJECT_COLUMNS])
    values[11] = tuple(sorted(set(values[11])))
    return ProjectTold(*values)


def _indicated(row: Any) -> Indicated:  # Any: a row of text
    *told, days, values = row
    return Indicated(*[*told, tuple(zip(days, values, strict=True))])


@dataclass(frozen=True)
class Made:
    """A file that can be had; `size` in bytes."""

    kind: Format
    stored_as: str
    size: int
    sha256: str
    entries: int


@dataclass(frozen=True)
class Edition:
    """All files of one night: they tell of the same moment."""

    made_at: datetime
    files: tuple[Made, ...]

    def find(self, kind: Format) -> Made | None:
        """Return the file of a format."""
        return next((made for made in self.files if made.kind is kind), None)


def find_edition() -> Edition | None:
    """Return the newest edition; None if there is none yet."""
    data = storage.find(MANIFEST)
    if data is None:
        return None
    told = json.loads(data)
    files = tuple(Made(**one | {"kind": Format(one["kind"])}) for one in told["files"])
    return Edition(datetime.fromisoformat(told["made_at"]), files)

"""Reads of the desk: queues with the age of their oldest, and jobs that failed."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.verification import queries as verification
from marketplace.verification.rules import SILENT_AFTER

PER_PAGE = 50

OVERDUE = f"now() - interval '{SILENT_AFTER.days} days'"


@dataclass(frozen=True)
class Queue:
    """Something that waits for the operator: how much of it, and since when the oldest."""

    name: str
    count: int
    oldest: datetime | None


# Who waits longest comes with each: by the moment from which it has been waiting.
_WAITING = {
    "companies": "select created_at from company where state = 'draft'",
    "projects": "select created_at from project where state = 'proposed'",
    "concerns": "select received_at from concern where state in ('new', 'looking')",
    "verification_papers": "select given_at from asked_paper where state = 'given'",
    "renewals": "select until::timestamptz from "  # noqa: S608  # our own constants
    f"({verification.ENDING.replace(':before', 'current_date + 60')}) "
    "ending (kind, slug, name, until, id, subject)",
    "orphans": "select last from "  # noqa: S608  # our own constants
    f"({verification.ORPHANS.format(before=OVERDUE)}) orphan (kind, slug, name, last)",
    "payouts": "select commanded_at from payout where state = 'to_approve'",
    "accounts": "select changed_at from payout_account where standing = 'proposed'",
    "team_complaints": "select made_at from team_complaint where settled_at is null",
    "commands": "select coalesce(first_sent_at, created_at) from provider_command "
    "where state in ('sent', 'unknown')",
    "disputes": "select opened_at from dispute "
    "where state in ('inquiry', 'needs_response', 'under_review')",
    "failed_refunds": "select failed_at from failed_refund where state in ('waiting', 'sending')",
    "question_complaints": "select made_at from question_complaint where settled_at is null",
    "translation_complaints": "select made_at from translation_complaint where settled_at is null",
    "differences": "select since from reconciliation_difference "
    "where closed_at is null and explained_at is null",
    "answers": "select received_at from update_comment where state = 'waiting'",
    "complaints": "select received_at from remote_report where closed_at is null",
    "events": "select received_at from provider_event where state = 'parked'",
    "failed_jobs": "select (select max(event.at) from procrastinate_events event "
    "where event.job_id = job.id) from procrastinate_jobs job where status = 'failed'",
    "waiting_jobs": "select coalesce(scheduled_at, (select min(event.at) from procrastinate_events "
    "event where event.job_id = job.id)) from procrastinate_jobs job where status = 'todo' "
    "and (scheduled_at is null or scheduled_at <= now())",
}
_QUEUES = sa.text(
    " union all ".join(
        f"select {place}, '{name}', count(*), min(since) "  # noqa: S608  # our own constants
        f"from ({waiting}) queue (since)"
        for place, (name, waiting) in enumerate(_WAITING.items())
    )
    + " order by 1"
)


def list_queues() -> list[Queue]:
    """Return every queue, also the empty ones: one statement."""
    return [Queue(*row[1:]) for row in session.execute(_QUEUES)]


@dataclass(frozen=True)
class FailedJob:
    """A job that was tried as often as it may be."""

    id: int
    task: str
    arguments: dict[str, object]
    attempts: int
    failed_at: datetime | None


_FAILED = """
    select job.id, task_name, args, attempts, (
        select max(event.at) from procrastinate_events event where event.job_id = job.id
    )
    from procrastinate_jobs job where status = 'failed'
"""
_PAGE = sa.text(
    f"{_FAILED} and (cast(:before as bigint) is null or job.id < :before) "
    "order by job.id desc limit :limit"
)
_ONE = sa.text(f"{_FAILED} and job.id = :job for update of job")


def list_failed_jobs(*, before: int | None = None) -> Page[FailedJob]:
    """Return a page of jobs that failed, the newest first."""
    rows = session.execute(_PAGE, {"before": before, "limit": PER_PAGE + 1})
    return page_of([FailedJob(*row) for row in rows], PER_PAGE, lambda job: (job.id,))


def lock_failed_job(job_id: int) -> FailedJob:
    """Return a job that failed, held until the commit.

    :raises NotFound: there is none, or it is being tried again.
    """
    row = session.execute(_ONE, {"job": job_id}).one_or_none()
    if row is None:
        raise NotFound
    return FailedJob(*row)


_NAMES = sa.text(
    """
    select id::text, name from company where id = any(:ids)
    union all select id::text, title from project where id = any(:ids)
    union all select id::text, name from user_account where id = any(:ids)
    union all select id::text, number from customer_order where id = any(:ids)
    union all select distinct on (report_id) report_id::text, title from (
        select report_id, title, number from report_version where report_id = any(:ids)
        order by report_id, number desc) newest
    union all select id::text, name from team where id = any(:ids)
    union all select id::text, '#' || number from payout where id = any(:ids)
    """
)


def names_of(things: Iterable[str]) -> dict[str, str]:
    """Return what things of the audit log are called, by their ids; who has no name is left out."""
    ids = [found for found in (_uuid_of(thing) for thing in things) if found]
    return {row[0]: row[1] for row in session.execute(_NAMES, {"ids": ids})} if ids else {}


def _uuid_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

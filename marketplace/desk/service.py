"""What the operator does about jobs that failed; each time with a line in the audit log."""

from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.desk import queries

_RETRY = sa.text(
    "select procrastinate_retry_job_v2(:job, cast(:now as timestamptz), null, null, null)"
)
_GIVE_UP = sa.text("update procrastinate_jobs set status = 'cancelled' where id = :job")


def retry(*, job_id: int, operator: User, now: datetime) -> None:
    """Let a job that failed be tried again, once: tasks may run twice."""
    job = queries.lock_failed_job(job_id)
    _record(job, "job.retry", "", operator, now)
    session.execute(_RETRY, {"job": job_id, "now": now})


def give_up(*, job_id: int, reason: str, operator: User, now: datetime) -> None:
    """Take a job that failed out of the queue for good; the row stays.

    :raises Invalid: no reason.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say why: it goes into the audit log.")})
    job = queries.lock_failed_job(job_id)
    _record(job, "job.give_up", reason.strip()[:500], operator, now)
    session.execute(_GIVE_UP, {"job": job_id})


def _record(
    job: queries.FailedJob, action: str, reason: str, operator: User, now: datetime
) -> None:
    accounts.record(
        actor=operator,
        action=action,
        subject_kind="job",
        subject_id=f"{job.id}:{job.task}",
        reason=reason,
        now=now,
    )

"""Work for later, kept in PostgreSQL and enqueued in the transaction that makes it necessary."""

import json
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session

_DEFER = sa.text(
    """
    select procrastinate_defer_jobs_v1(array[row(
        :queue, :name, 0, :lock, :queueing_lock, cast(:args as jsonb), cast(:at as timestamptz)
    )::procrastinate_job_to_defer_v1])
    """
).columns(sa.column("ids", sa.ARRAY(sa.BigInteger)))


def enqueue(
    name: str,
    /,
    *,
    queue: str = "default",
    lock: str | None = None,
    run_at: datetime | None = None,
    **arguments: str | int | bool | list[str] | Mapping[str, str] | None,
) -> None:
    """Put a job behind the current transaction: it exists if and only if that commits.

    Jobs may run twice (after a crash), so each task is idempotent.
    """
    session.execute(
        _DEFER,
        {
            "queue": queue,
            "name": name,
            "lock": lock,
            "queueing_lock": None,
            "args": json.dumps(arguments, default=str),
            "at": run_at,
        },
    )

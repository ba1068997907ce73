"""The next job is found quickly behind thousands that wait."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INDEX = """
create index procrastinate_jobs_waiting_by_lock on procrastinate_jobs (lock, id)
where lock is not null and status in ('todo', 'doing')
"""

FETCH = """
create or replace function procrastinate_fetch_job_v2(
    target_queue_names varchar[], p_worker_id bigint
) returns procrastinate_jobs language plpgsql as $$
declare
    found_job procrastinate_jobs;
begin
    update procrastinate_jobs set status = 'doing', worker_id = p_worker_id
    where id = (
        select waiting.id from procrastinate_jobs as waiting
        where waiting.status = 'todo'
        and (target_queue_names is null or waiting.queue_name = any(target_queue_names))
        and (waiting.scheduled_at is null or waiting.scheduled_at <= now())
        and (
            waiting.lock is null
            or not exists (
                select from procrastinate_jobs as earlier
                where earlier.lock = waiting.lock and earlier.status in ('todo', 'doing')
                and (
                    earlier.status = 'doing'
                    or (earlier.priority, -earlier.id) > (waiting.priority, -waiting.id)
                )
            )
        )
        order by waiting.priority desc, waiting.id
        limit 1
        for update of waiting skip locked
    )
    returning procrastinate_jobs.* into found_job;
    return found_job;
end;
$$
"""


def upgrade() -> None:
    """Ask only jobs that have a lock whether an earlier one holds it.

    The library's own function asks all of them in one join. PostgreSQL's figures about the table
    are mostly from a time when nothing waited, for work that is done is deleted; with these it
    compares each job with all others: eight seconds a job behind seven thousand.
    """
    op.execute(INDEX)
    op.execute(FETCH)


def downgrade() -> None:
    """The library's function would have to be written here again."""
    raise NotImplementedError("Jobs are found by this function; the older one finds the same ones.")

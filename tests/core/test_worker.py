"""Tasks: known by one name, run inside the app, their failures told and passed on."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import procrastinate
import psycopg
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from marketplace.core import worker
from marketplace.core.db import NestedTransaction, atomic, session


@pytest.fixture
def tasks(monkeypatch):
    known = {}
    monkeypatch.setattr(worker, "TASKS", known)
    return known


def queue(app):
    return worker.make_queue(app, app.config["SETTINGS"].database_url)


class TestTask:
    def test_is_known_by_its_name(self, tasks):
        @worker.task("sweep", every="* * * * *")
        def sweep() -> None: ...

        assert tasks["sweep"].run is sweep
        assert tasks["sweep"].every == "* * * * *"

    def test_does_not_take_another_ones_name(self, tasks):
        def theirs() -> None: ...

        theirs.__module__ = "elsewhere"
        worker.task("sweep")(theirs)
        with pytest.raises(ValueError, match="two tasks are called sweep"):

            @worker.task("sweep")
            def ours() -> None: ...

    def test_gets_its_arguments_but_a_periodic_one_no_time(self, app, db, tasks):
        seen = []
        worker.task("told")(lambda **said: seen.append(said))
        worker.task("daily", every="0 3 * * *")(lambda **said: seen.append(said))
        made = queue(app)
        made.tasks["told"](order_id="1")
        made.tasks["daily"](timestamp=5)
        assert seen == [{"order_id": "1"}, {}]
        assert isinstance(made.tasks["told"].retry_strategy, procrastinate.RetryStrategy)

    def test_that_fails_says_so_and_is_tried_again(self, app, db, tasks):
        def fails() -> None:
            raise LookupError("gone")

        worker.task("failing")(fails)
        with capture_logs() as told, pytest.raises(LookupError, match="gone"):
            queue(app).tasks["failing"]()
        (line,) = told
        assert (line["event"], line["task"], line["error"]) == (
            "job_failed", "failing", "LookupError",
        )  # fmt: skip


def apart(work):
    """Run a coroutine in a thread: tests of pages may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


class TestConnections:
    """What jobs are taken and ended on."""

    async def ask(self, app, *, breaks=False):
        """Use the queue twice, its connection closed from outside in between if it `breaks`."""
        asked = []
        async with queue(app).open_async() as opened:
            pool = opened.connector.pool
            await opened.job_manager.get_stalled_jobs(seconds_since_heartbeat=60)
            async with pool.connection() as connection:
                assert connection.autocommit
                pid = connection.info.backend_pid
                execute = connection.execute

                async def told(statement, *rest):
                    asked.append(statement)
                    return await execute(statement, *rest)

                connection.execute = told
            if breaks:
                other = psycopg.connect(app.config["SETTINGS"].database_url, autocommit=True)
                with other:
                    other.execute("select pg_terminate_backend(%s, 5000)", [pid])
            found = await opened.job_manager.get_stalled_jobs(seconds_since_heartbeat=60)
        return list(found), asked

    def test_are_not_asked_whether_they_live_while_they_are_silent(self, app, db):
        assert apart(self.ask(app)) == ([], [])

    def test_are_replaced_when_they_were_closed(self, app, db):
        assert apart(self.ask(app, breaks=True)) == ([], [""])


class TestAtomic:
    def test_does_not_nest(self, db):
        with pytest.raises(NestedTransaction), atomic(), atomic():
            pass
        assert session.info["atomic"] is False


def wait(db, *, lock=None, priority=0, status="todo", queue_name="default", in_minutes=None):
    """Put a job into the queue; return its number."""
    return db.scalar(
        sa.text(
            "insert into procrastinate_jobs"
            " (queue_name, task_name, status, args, lock, priority, scheduled_at)"
            " values (:queue_name, 'any', cast(:status as procrastinate_job_status), '{}', :lock,"
            " :priority, now() + make_interval(mins => :in_minutes)) returning id"
        ),
        {
            "lock": lock,
            "priority": priority,
            "status": status,
            "queue_name": queue_name,
            "in_minutes": in_minutes,
        },
    )


def take(db, *queue_names):
    """Take the next job, as a worker does; return its number, None where none may begin."""
    return db.scalar(
        sa.text("select id from procrastinate_fetch_job_v2(cast(:names as varchar[]), null)"),
        {"names": list(queue_names) or None},
    )


class TestQueue:
    def test_gives_out_the_oldest_of_the_most_urgent(self, db):
        second, third, first = wait(db), wait(db), wait(db, priority=1)
        assert [take(db) for _ in range(4)] == [first, second, third, None]
        states = db.scalars(sa.text("select distinct status from procrastinate_jobs")).all()
        assert states == ["doing"]

    def test_waits_for_the_hour_and_keeps_to_the_named_queues(self, db):
        wait(db, in_minutes=5)
        due = wait(db, in_minutes=-5)
        elsewhere = wait(db, queue_name="letters")
        assert take(db, "default") == due
        assert take(db, "default") is None
        assert take(db, "default", "letters") == elsewhere

    def test_gives_out_one_job_of_a_lock_at_a_time(self, db):
        held = wait(db, lock="a", status="doing")
        behind, later, other = wait(db, lock="a"), wait(db, lock="a"), wait(db, lock="b")
        assert (take(db), take(db)) == (other, None)
        db.execute(sa.text("delete from procrastinate_jobs where id = :id"), {"id": held})
        assert (take(db), take(db)) == (behind, None)
        db.execute(sa.text("delete from procrastinate_jobs where id = :id"), {"id": behind})
        assert take(db) == later

    def test_lets_no_job_overtake_a_more_urgent_one_of_its_lock(self, db):
        wait(db, lock="a")
        wait(db, lock="a", priority=2, in_minutes=5)
        assert take(db) is None

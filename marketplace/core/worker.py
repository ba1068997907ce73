"""Tasks and the worker that runs them: any number of workers, each job at least once."""

import asyncio
import contextlib
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import procrastinate
import psycopg
import structlog
from flask import Flask
from psycopg_pool import AsyncConnectionPool

from marketplace.core.db import APP_ROLE, MAY_BECOME, session

Run = Callable[..., None]

ATTEMPTS = 8
FIRST_WAIT_SECONDS = 4
STALLED_AFTER_SECONDS = 60
AGAIN_AFTER_SECONDS = 1


@dataclass(frozen=True)
class Task:
    """A function that the worker knows by name; `every` is a cron line for periodic ones."""

    name: str
    run: Run
    every: str | None = None


TASKS: dict[str, Task] = {}


def task(name: str, *, every: str | None = None) -> Callable[[Run], Run]:
    """Register a task. It gets the job's arguments by keyword, inside an app context.

    It may run twice, so it must be idempotent. A periodic one (`every`) takes no arguments.
    """

    def register(run: Run) -> Run:
        if name in TASKS and TASKS[name].run.__module__ != run.__module__:
            raise ValueError(f"two tasks are called {name}")
        TASKS[name] = Task(name, run, every)
        return run

    return register


def make_queue(app: Flask, dsn: str) -> procrastinate.App:
    """Return procrastinate's app with every registered task in it."""
    connector = procrastinate.PsycopgConnector(
        pool_factory=_make_pool, conninfo=dsn, min_size=1, max_size=6, configure=_prepare
    )
    queue = procrastinate.App(connector=connector)
    retry = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=FIRST_WAIT_SECONDS)
    for known in TASKS.values():
        wrapped = _in_context(app, known)
        registered = queue.task(name=known.name, retry=retry, pass_context=False)(wrapped)
        if known.every:
            queue.periodic(cron=known.every, periodic_id=known.name)(registered)
    return queue


Connection = psycopg.AsyncConnection[psycopg.rows.TupleRow]


def _make_pool(**given: Any) -> AsyncConnectionPool[Connection]:  # Any: the library's
    """Return the connections on which jobs are taken and ended."""
    return AsyncConnectionPool(**given | {"check": _check})


async def _check(connection: Connection) -> None:
    """Ask a connection whether it lives, if there is something to hear: its end, perhaps.

    One that PostgreSQL closed, or that broke with it, has the news waiting; asking one that is
    silent would be a round trip for each statement.
    """
    heard, _out, _errors = select.select([connection.fileno()], [], [], 0)
    if heard:
        await AsyncConnectionPool.check_connection(connection)


async def _prepare(connection: Connection) -> None:
    """Make a connection the product's own; what takes or ends a job is one statement, and commits.

    A transaction around each would cost two round trips more.
    """
    await connection.set_autocommit(True)
    cursor = await connection.execute(MAY_BECOME, (APP_ROLE,))
    if (await cursor.fetchone() or (False,))[0]:
        await connection.execute(f"set role {APP_ROLE}")


def _in_context(app: Flask, known: Task) -> Run:
    def run(**arguments: object) -> None:
        log = structlog.get_logger()
        if known.every:
            arguments.pop("timestamp", None)
        with app.app_context():
            try:
                known.run(**arguments)
            except Exception as error:
                log.warning(
                    "job_failed", task=known.name, error=type(error).__name__, exc_info=True
                )
                raise
            finally:
                session.remove()

    run.__name__ = known.name
    return run


def work(app: Flask, dsn: str, *, concurrency: int = 2) -> None:
    """Run jobs until told to stop by SIGTERM or SIGINT; begin anew where the database was gone."""
    asyncio.run(_keep_working(app, dsn, concurrency))


async def _keep_working(app: Flask, dsn: str, concurrency: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set():
        try:
            await _work(make_queue(app, dsn), concurrency, stop)
        except (procrastinate.exceptions.ConnectorException, psycopg.Error) as error:
            structlog.get_logger().error("database_unreachable", error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), AGAIN_AFTER_SECONDS)


async def _work(queue: procrastinate.App, concurrency: int, stop: asyncio.Event) -> None:
    """Work until told to stop, or until the library ends because it lost the database."""
    async with queue.open_async():
        working = asyncio.create_task(
            queue.run_worker_async(
                concurrency=concurrency, delete_jobs="successful", install_signal_handlers=False
            )
        )
        others = [
            asyncio.create_task(_look_for_stalled(queue)),
            asyncio.create_task(stop.wait()),
        ]
        await asyncio.wait([working, *others], return_when=asyncio.FIRST_COMPLETED)
        for one in (working, *others):
            one.cancel()  # what is begun is ended first
        ended = await asyncio.gather(working, *others, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _look_for_stalled(queue: procrastinate.App) -> None:
    """Put back, now and again, what a worker that was killed had begun."""
    while True:
        await _take_up_stalled(queue)
        await asyncio.sleep(STALLED_AFTER_SECONDS)


async def _take_up_stalled(queue: procrastinate.App) -> None:
    """Put back what is begun by nobody who lives."""
    stalled = await queue.job_manager.get_stalled_jobs(
        seconds_since_heartbeat=STALLED_AFTER_SECONDS
    )
    for job in stalled:
        await queue.job_manager.retry_job(job)

"""Databases for tests: one server per checkout, one migrated template, a clone for whoever asks.

Any number of pytest processes may run at once: each gets databases of its own, and the server and
the templates are made by whoever comes first. The demo world is a template, too, made once in a run
(it tells of a year that ends now, so the next run makes another). `TEST_DATABASE_URL` names another
server to use (PostgreSQL 15 or later; a role that may create databases and roles and may `set
session_replication_role`, with which some tests go past the triggers).
"""

import atexit
import hashlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier

from embedded.cluster import Cluster, Lease

CHECKOUT = Path(__file__).resolve().parent.parent
ENOUGH_MEMORY = 1_500_000_000  # bytes free in /dev/shm; containers often have only 64 MB
TEMPLATES_KEPT = 3
_LOCK = 0x63617573  # advisory, in the maintenance database: held to make or drop a template
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)[:12]
_DEMOS = CHECKOUT / "instance" / "demos"
_leases: list[Lease] = []
_numbers = itertools.count(1)


def test_dsn(name: str = "test") -> str:  # noqa: PT028  # not a test, see below
    """Make a fresh database with the product's tables, dropped when this process ends."""
    return _create(name, template=_template())


def empty_dsn(name: str = "empty") -> str:
    """Make a fresh database without tables, dropped when this process ends."""
    return _create(name, template="template0")


def demo_dsn(instance: Path, name: str = "demo") -> str:
    """Make a fresh database with the demo world in it, and its files under `instance`."""
    template, files = _demo()
    shutil.copytree(files, instance, dirs_exist_ok=True)
    return _create(name, template=template)


test_dsn.__test__ = False  # type: ignore[attr-defined]  # its name looks like a test to pytest


@cache
def in_transactions(engine: sa.Engine) -> sa.Engine:
    """Let a test's own connections work in transactions, as only `atomic` does in the product."""
    return engine.execution_options(isolation_level="READ COMMITTED")


def server_dsn() -> str:
    """Return the maintenance database of the test server, which runs as long as we do."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    cluster = Cluster(_place(), fast=True)
    _leases.append(cluster.start())
    return cluster.dsn("postgres")


def _place() -> Path:
    memory = Path("/dev/shm")
    usable = memory.is_dir() and os.access(memory, os.W_OK)
    if usable and shutil.disk_usage(memory).free > ENOUGH_MEMORY:
        return (
            memory / f"causeway-{os.geteuid()}-{hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]}"
        )
    return CHECKOUT / "instance" / "test"


@contextmanager
def _maintenance(*, is_locked: bool = False) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server_dsn(), autocommit=True) as connection:
        if is_locked:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(SQL(statement).format(*map(Identifier, names)))


def _named(dsn: str, dbname: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{dbname}"))


@cache
def _template() -> str:
    """Return the migrated database that clones come from; its name tells its migrations."""
    from marketplace.core.migrate import upgrade  # the sandbox's tests do without the product

    digest = hashlib.sha256()
    for path in sorted((CHECKOUT / "migrations").rglob("*")):
        if path.suffix in {".py", ".sql", ".mako"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    name, draft = (f"{kind}_{digest.hexdigest()[:16]}" for kind in ("template", "draft"))
    with _maintenance(is_locked=True) as connection:
        _drop_leftovers(connection, keep=name)
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
            _run(connection, "CREATE DATABASE {}", draft)
            upgrade(_named(server_dsn(), draft))
            _run(connection, "ALTER DATABASE {} RENAME TO {}", draft, name)
    return name


@cache
def _demo() -> tuple[str, Path]:
    """Return the database and the folder of this run's demo world."""
    migrated = _template()
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    name, draft = (f"of_{run}_{kind}_{_RUN}" for kind in ("demo", "draft"))
    with _maintenance(is_locked=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", draft)
            _run(connection, "CREATE DATABASE {} TEMPLATE {}", draft, migrated)
            _seed(_named(server_dsn(), draft), _DEMOS / name)
            _run(connection, "ALTER DATABASE {} RENAME TO {}", draft, name)
    return name, _DEMOS / name


def _seed(dsn: str, instance: Path) -> None:
    """Make the demo world, in a process of its own, which is measured as we are."""
    shutil.rmtree(instance, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "tests.seeding"],
        check=False,
        cwd=CHECKOUT,
        env=environ_for_others(is_measured=True)
        | {"DATABASE_URL": dsn, "INSTANCE_PATH": str(instance), "PORT": str(_free_port())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the demo world could not be made:\n{done.stdout}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environ_for_others(*, is_measured: bool = False) -> dict[str, str]:
    """Return our environment without what is meant for this process alone.

    Others are not looked at by coverage, which would take as long as what they do, unless they are
    to be measured, too.
    """
    ours = ("STRIPE_", "PYTEST_") if is_measured else ("STRIPE_", "PYTEST_", "COVERAGE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _drop_leftovers(connection: psycopg.Connection, *, keep: str) -> None:
    """Drop what killed test runs left behind, and templates of migrations long gone."""
    rows = connection.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
    names = [name for (name,) in rows if name != keep]
    old = [name for name in names if name.startswith("template_")][TEMPLATES_KEPT:]
    dead = [name for name in names if name.startswith("of_") and not _is_alive(name)]
    if os.environ.get("TEST_DATABASE_URL"):
        dead = []  # its makers may live on another machine
    for name in [*old, *dead]:
        _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    for files in _DEMOS.glob("of_*"):
        if not _is_alive(files.name):
            shutil.rmtree(files, ignore_errors=True)


def _is_alive(dbname: str) -> bool:
    try:
        os.kill(int(dbname.split("_")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _create(name: str, *, template: str) -> str:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    dbname = f"of_{os.getpid()}_{worker}_{name}_{next(_numbers)}"
    with _maintenance() as connection:
        _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", dbname)
        _run(connection, "CREATE DATABASE {} TEMPLATE {}", dbname, template)
    atexit.register(_drop, dbname, os.getpid())
    return _named(server_dsn(), dbname)


def _drop(dbname: str, maker: int) -> None:
    if os.getpid() != maker:  # a forked child ends: the database is its parent's
        return
    with _maintenance() as connection:
        _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", dbname)

"""Databases for tests: one server per checkout, migrated once into a template, one fast clone per process that asks.

Any number of pytest processes may run at once: each gets databases of its own, and the server (or the template) is made by
whoever comes first. With `TEST_DATABASE_URL` (PostgreSQL 15 or later, a role that may create databases) that server is used.
"""

import atexit
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier

from marketplace.core.migrate import upgrade
from marketplace.core.postgres import Cluster, Lease

CHECKOUT = Path(__file__).resolve().parent.parent
ENOUGH_MEMORY = 1_500_000_000  # bytes free in /dev/shm: containers often have 64 MB, which is too little for a server
TEMPLATES_KEPT = 3
_LOCK = 0x63617573  # an advisory lock in the maintenance database: whoever makes or drops templates and leftovers
_leases: list[Lease] = []


def test_dsn(name: str = "test") -> str:
    """A fresh database with the product's tables, made for this process and dropped when it ends."""
    return _create(name, template=_template())


def empty_dsn(name: str = "empty") -> str:
    """A fresh database without tables, made for this process and dropped when it ends."""
    return _create(name, template="template0")


test_dsn.__test__ = False  # type: ignore[attr-defined]  # its name looks like a test to pytest


@cache
def server_dsn() -> str:
    """The maintenance database of the test server, which runs at least as long as this process."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    cluster = Cluster(_place(), fast=True)
    _leases.append(cluster.start())
    return cluster.dsn("postgres")


def _place() -> Path:
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH_MEMORY:
        return memory / f"causeway-{os.geteuid()}-{hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:12]}"
    return CHECKOUT / "instance" / "test"


@contextmanager
def _maintenance(*, locked: bool = False) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server_dsn(), autocommit=True) as connection:
        if locked:
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield connection


def _named(dsn: str, dbname: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{dbname}"))


@cache
def _template() -> str:
    """Name of the migrated database that clones come from; its name tells which migrations it has."""
    digest = hashlib.sha256()
    for path in sorted((CHECKOUT / "migrations").rglob("*")):
        if path.suffix in {".py", ".sql", ".ini", ".mako"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    with _maintenance(locked=True) as connection:
        _drop_leftovers(connection, keep=name)
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            draft = f"draft_{digest.hexdigest()[:16]}"
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(draft)))
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(draft)))
            upgrade(_named(server_dsn(), draft))
            connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(name)))
    return name


def _drop_leftovers(connection: psycopg.Connection, *, keep: str) -> None:
    """Drop what killed test runs left behind, and templates of migrations long gone."""
    rows = connection.execute("SELECT datname FROM pg_database ORDER BY oid DESC").fetchall()
    templates = [name for (name,) in rows if name.startswith("template_") and name != keep]
    dead = [name for (name,) in rows if name.startswith("of_") and not _is_alive(int(name.split("_")[1]))]
    if os.environ.get("TEST_DATABASE_URL"):
        dead = []  # its processes may live on another machine
    for name in [*templates[TEMPLATES_KEPT:], *dead]:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


_made = 0


def _create(name: str, *, template: str) -> str:
    global _made
    _made += 1
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    dbname = f"of_{os.getpid()}_{worker}_{name}_{_made}"
    with _maintenance() as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(dbname)))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(dbname), Identifier(template)))
    atexit.register(_drop, dbname, os.getpid())
    return _named(server_dsn(), dbname)


def _drop(dbname: str, maker: int) -> None:
    if os.getpid() != maker:  # a forked child ends: the database is its parent's
        return
    with _maintenance() as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(dbname)))

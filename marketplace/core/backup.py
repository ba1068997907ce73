"""Backups: the database as one snapshot, the files, and a manifest that proves them whole."""

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from embedded.ground import find_programs
from marketplace.core.db import APP_ROLE
from marketplace.core.migrate import MIGRATIONS, upgrade

FORMAT = 1
DATABASE, MEDIA, KEYS, MANIFEST = "database.dump", "media.tar", "keys.json", "manifest.json"
LOCK_SECONDS = 5
UNKNOWN_BEFORE_17 = 'unrecognized configuration parameter "transaction_timeout"'
"""What older servers say to pg_restore, which sets it for all of them; it changes nothing."""

Progress = Callable[[int, int], None]


class NoBackup(Exception):
    """It cannot be taken, or brought back; the text says why. Nothing was changed."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds; `files` are SHA-256 by name, `rows` are counts by table.

    With `has_role` the rights in it name the product's own role.
    """

    format: int
    taken_at: str
    revision: str
    media: str
    keys: str
    has_role: bool
    rows: dict[str, int]
    files: dict[str, str]


def back_up(
    folder: Path,
    *,
    dsn: str,
    media: Path | None,
    keys: Mapping[str, str] | None,
    now: datetime,
    progress: Progress,
) -> Manifest:
    """Put everything into an empty folder; the manifest comes last, so half a backup is none.

    :raises NoBackup: the folder is not empty, or the database refuses.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise NoBackup(f"{folder} is not empty: each backup wants a folder of its own.")
    with _snapshot(dsn) as (name, revision, rows, has_role):
        options = [f"--snapshot={name}", "--exclude-schema=sandbox", f"--file={folder / DATABASE}"]
        _run("pg_dump", dsn, ["--format=custom", *options], len(rows), progress)
    if media is not None:
        with tarfile.open(folder / MEDIA, "x") as archive:
            archive.add(media, arcname=".")
    if keys is not None:
        (folder / KEYS).write_text(json.dumps(dict(keys)))
    held = sorted(folder.iterdir())
    for path in held:
        path.chmod(0o600)
    manifest = Manifest(
        format=FORMAT,
        taken_at=now.isoformat(),
        revision=revision,
        media=MEDIA if media is not None else "not here: the bucket of MEDIA_URL has its own",
        keys=KEYS if keys is not None else "not here: SECRET_KEY and LOG_KEY are kept elsewhere",
        has_role=has_role,
        rows=rows,
        files={path.name: _digest(path) for path in held},
    )
    draft = folder / f"{MANIFEST}.draft"
    draft.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    draft.chmod(0o600)
    draft.rename(folder / MANIFEST)
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Return what a backup says of itself, after every file was held against it.

    :raises NoBackup: something is missing or changed, or made by a newer version.
    """
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise NoBackup(f"{folder} holds no whole backup: {MANIFEST} cannot be read.") from error
    if manifest.format != FORMAT or not any(
        (MIGRATIONS / "versions").glob(f"{manifest.revision}_*.py")
    ):
        raise NoBackup("The backup was made by a newer version of the program.")
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file() or _digest(path) != digest:
            raise NoBackup(f"{name} is missing or was changed since the backup.")
    return manifest


def restore_database(
    folder: Path, manifest: Manifest, *, dsn: str, overwrite: bool, progress: Progress
) -> None:
    """Bring a backup's database back and migrate it to what the program expects.

    :raises NoBackup: the database is not empty (and `overwrite` is not said), somebody is at work
        in it, or what came back is not what was taken.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        _make_room(connection, overwrite=overwrite)
        if manifest.has_role and not _has_role(connection):
            _make_role(connection)
        is_older = connection.info.server_version < 17_00_00
    listed = _run("pg_restore", None, ["--list", str(folder / DATABASE)], 0, progress)
    # The next tables are for whoever owns this database, not for the owner of the old one.
    wanted = folder / "restore.list"
    wanted.write_text("".join(line for line in listed if " DEFAULT ACL " not in line))
    try:
        options = ["--no-owner", "--no-comments", f"--use-list={wanted}", str(folder / DATABASE)]
        if not is_older:
            options.insert(0, "--single-transaction")
        harmless = UNKNOWN_BEFORE_17 if is_older else ""
        _run("pg_restore", dsn, options, len(manifest.rows), progress, harmless=harmless)
    finally:
        wanted.unlink()
    with psycopg.connect(dsn, autocommit=True) as connection:
        if manifest.has_role:
            _let_in(connection)
        if (found := _count(connection)) != manifest.rows:
            differ = sorted(name for name, rows in manifest.rows.items() if found.get(name) != rows)
            raise NoBackup(f"Not everything came back: {', '.join(differ)}.")
    upgrade(dsn)


def restore_media(folder: Path, media: Path) -> None:
    """Bring the files back; names are never used twice, so what is there already may stay."""
    media.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / MEDIA) as archive:
        archive.extractall(media, filter="data")


def read_keys(folder: Path) -> dict[str, str]:
    """Return the keys that were taken along, by the names of their settings."""
    path = folder / KEYS
    return dict(json.loads(path.read_text())) if path.exists() else {}


@contextmanager
def _snapshot(dsn: str) -> Iterator[tuple[str, str, dict[str, int], bool]]:
    """Hold a snapshot: its name, the tables' revision, their rows, whether there is our role."""
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute("set transaction isolation level repeatable read, read only")
            (name,) = connection.execute("select pg_export_snapshot()").fetchone() or ("",)
            (revision,) = connection.execute(
                "select version_num from alembic_version"
            ).fetchone() or ("",)
            yield name, revision, _count(connection), _has_role(connection)
    except psycopg.Error as error:
        raise NoBackup(f"The database cannot be read: {error}") from error


def _count(connection: psycopg.Connection) -> dict[str, int]:
    names = connection.execute(
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    ).fetchall()
    counts = {}
    for (name,) in names:
        query = SQL("select count(*) from public.{}").format(Identifier(name))
        (counts[name],) = connection.execute(query).fetchone() or (0,)
    return counts


def _make_room(connection: psycopg.Connection, *, overwrite: bool) -> None:
    """Leave an empty schema behind, or refuse."""
    if not _count(connection):
        return
    if not overwrite:
        raise NoBackup("The database is not empty. With --yes all that is in it is lost.")
    busy = connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and backend_type = 'client backend' and pid <> pg_backend_pid()"
    ).fetchone()
    if busy != (0,):
        raise NoBackup("Somebody is at work in the database: stop web servers and workers first.")
    connection.execute(f"set lock_timeout = '{LOCK_SECONDS}s'")
    with connection.transaction():
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        connection.execute("grant usage on schema public to public")


def _has_role(connection: psycopg.Connection) -> bool:
    query = "select from pg_roles where rolname = %s"
    return connection.execute(query, [APP_ROLE]).fetchone() is not None


def _make_role(connection: psycopg.Connection) -> None:
    """Make the product's role where the server has none, as the first migration does.

    :raises NoBackup: the owner may not: the rights in the backup name it.
    """
    try:
        connection.execute(f"create role {APP_ROLE} nologin")
        connection.execute(f"grant {APP_ROLE} to current_user")
    except psycopg.errors.InsufficientPrivilege as error:
        raise NoBackup(f"Have an administrator make the role {APP_ROLE} first.") from error


def _let_in(connection: psycopg.Connection) -> None:
    """Let the product's role work in tables that later migrations make, too."""
    connection.execute(f"grant usage on schema public to {APP_ROLE}")
    for rights in ("select, insert, update, delete on tables", "usage, select on sequences"):
        connection.execute(
            f"alter default privileges in schema public grant {rights} to {APP_ROLE}"
        )


def _run(
    program: str,
    dsn: str | None,
    arguments: Sequence[str],
    tables: int,
    progress: Progress,
    *,
    harmless: str = "",
) -> list[str]:
    """Run one of PostgreSQL's programs; return its lines. The password is not on its command line.

    :raises NoBackup: it failed, and not only with the `harmless` error.
    """
    programs, environ = find_programs(), dict(os.environ)
    if dsn is not None:
        parts = conninfo_to_dict(dsn)
        environ["PGPASSWORD"] = str(parts.pop("password", None) or "")
        arguments = ["--verbose", f"--dbname={make_conninfo('', **parts)}", *arguments]
    done, said = 0, []
    with subprocess.Popen(
        [str(programs / program), *arguments],
        env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            said.append(line)
            if "contents of table" in line or "data for table" in line:
                done += 1
                progress(min(done, tables - 1), tables)
    if tables:
        progress(tables, tables)
    if process.returncode and (wrong := what_went_wrong(said, harmless)):
        raise NoBackup(f"{program}: {wrong}")
    return said


def what_went_wrong(said: Sequence[str], harmless: str = "") -> str:
    """Return the error of a program that failed; empty if the harmless one is all that it had."""
    errors = [line.strip() for line in said if "error:" in line]
    if not errors:
        return "it was ended"
    return next((line for line in errors if not harmless or harmless not in line), "")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

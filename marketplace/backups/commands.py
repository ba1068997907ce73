"""`flask backup`, `restore`, `recovered` and `catch-up`: each ends with one line of JSON."""

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import click
import structlog
from flask import current_app
from flask.cli import with_appcontext

from marketplace.checkout import jobs as checkout
from marketplace.core import backup as backups
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import DomainError
from marketplace.core.reading.terminal import Bar
from marketplace.invariants import queries as invariants
from marketplace.payments import gateway, queries
from marketplace.payments import service as payments
from marketplace.payments.models import Restoration
from marketplace.payouts import service as payouts
from marketplace.reconciliation.jobs import reconcile_now
from marketplace.reconciliation.rules import GRACE

FOLDER = click.Path(file_okay=False, path_type=Path)
BEFORE = timedelta(hours=1)
"""So much longer than since the backup the provider is asked: its clock is not ours."""


@click.command("backup")
@with_appcontext
@click.argument("folder", type=FOLDER)
@click.option("--with-keys", is_flag=True, help="Take SECRET_KEY and LOG_KEY along.")
def back_up(folder: Path, *, with_keys: bool) -> None:
    """Put the database and the files into an empty FOLDER."""
    settings = current_app.config["SETTINGS"]
    try:
        manifest = backups.back_up(
            folder,
            dsn=settings.database_url,
            media=_media_folder(),
            keys=_keys(settings) if with_keys else None,
            now=clock.now(),
            progress=Bar("tables"),
        )
    except backups.NoBackup as error:
        _refuse(error)
    _say(
        taken_at=manifest.taken_at,
        rows=sum(manifest.rows.values()),
        bytes=sum((folder / name).stat().st_size for name in manifest.files),
        media=manifest.media,
        keys=manifest.keys,
    )


@click.command("restore")
@with_appcontext
@click.argument("folder", type=FOLDER)
@click.option("--yes", is_flag=True, help="Lose what is in the database now.")
def restore(folder: Path, *, yes: bool) -> None:
    """Bring back what FOLDER holds and prove the books; then run `flask catch-up`."""
    settings = current_app.config["SETTINGS"]
    media = _media_folder()
    session.remove()
    try:
        manifest = backups.read_manifest(folder)
        _same_keys(backups.read_keys(folder), _keys(settings))
        backups.restore_database(
            folder, manifest, dsn=settings.database_url, overwrite=yes, progress=Bar("tables")
        )
        if backups.MEDIA in manifest.files and media is not None:
            backups.restore_media(folder, media)
    except backups.NoBackup as error:
        _refuse(error)
    with atomic():
        doubtful = payments.begin_restoration(
            taken_at=datetime.fromisoformat(manifest.taken_at), now=clock.now()
        )
    broken = [one.invariant.name for one in invariants.check_all() if not one.holds]
    session.rollback()
    _say(
        taken_at=manifest.taken_at,
        rows=sum(manifest.rows.values()),
        only_looked_up=doubtful,
        broken=broken,
        next="flask check says more" if broken else "start everything, flask catch-up",
    )
    if broken:
        sys.exit(1)


@click.command("recovered")
@with_appcontext
@click.argument("moment", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]))
def recovered(moment: datetime) -> None:
    """Say that the database was brought back to a MOMENT (2026-11-22T14:59:30+00:00) by hand."""
    with atomic():
        doubtful = payments.begin_restoration(taken_at=moment, now=clock.now())
    _say(taken_at=moment.isoformat(), only_looked_up=doubtful, next="flask check, flask catch-up")


@click.command("catch-up")
@with_appcontext
def catch_up() -> None:
    """Learn what the provider did since the backup; exit 1 as long as something is unexplained."""
    restoration = queries.find_restoration()
    if restoration is None or restoration.caught_up_at:
        _say(unexplained=0, open=False)
        return
    try:
        heard, adopted = _hear_again(restoration.taken_at - BEFORE)
        for ask in (
            checkout.run_due_commands,
            checkout.ask_for_payments,
            checkout.ask_for_disputes,
        ):
            ask()
        unexplained = reconcile_now().unexplained
    except gateway.Unreachable as error:
        _refuse(error)
    is_early = clock.now() < restoration.restored_at + GRACE
    if not unexplained and not is_early:
        _close(restoration)
    still_open = bool(unexplained or is_early)
    _say(heard=heard, adopted=adopted, unexplained=unexplained, open=still_open, early=is_early)
    if still_open:
        sys.exit(1)


def _close(restoration: Restoration) -> None:
    with atomic():
        payments.end_restoration(restoration=session.merge(restoration), now=clock.now())


def _hear_again(since: datetime) -> tuple[int, int]:
    """Take every message since the backup once more; return how many, and payouts adopted."""
    told = gateway.current().list_events_since(since)
    adopted = 0
    for payload in told:
        event = gateway.current().reread_event(payload)
        try:
            if event.type == "transfer.created":
                adopted += _adopt(event.object_id)
            checkout.take_event(event)
        except DomainError as error:  # the reconciliation names it, too
            structlog.get_logger().error(
                "not_caught_up", message=event.id, about=event.object_id, error=type(error).__name__
            )
    return len(told), adopted


def _adopt(transfer_id: str) -> bool:
    seen = gateway.current().fetch_transfer(transfer_id)
    with atomic():
        return payouts.adopt(seen=seen, now=clock.now())


def _media_folder() -> Path | None:
    url = str(current_app.config["SETTINGS"].media_url)
    if not url.startswith("file:"):
        return None
    folder = Path(unquote(url.removeprefix("file:").removeprefix("//")))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _same_keys(kept: dict[str, str], used: dict[str, str]) -> None:
    """Refuse to go on under other keys than the backup's; none is ever replaced."""
    for name, key in kept.items():
        if used[name] != key:
            raise backups.NoBackup(
                f"{name} is not the one of the backup. Set it to what {backups.KEYS} says; "
                "letters and the public log were signed with it."
            )


def _keys(settings: Any) -> dict[str, str]:  # Any: config is not ours to import
    return {"SECRET_KEY": settings.secret_key, "LOG_KEY": settings.log_secret()}


def _refuse(error: Exception) -> NoReturn:
    _say(error=str(error))
    sys.exit(2)


def _say(**told: object) -> None:
    click.echo(json.dumps(told))


commands: list[click.Command] = [back_up, restore, recovered, catch_up]

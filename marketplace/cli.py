"""The `flask ...` commands: thin, each one edge."""

import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from marketplace.backups import commands as backup_commands
from marketplace.catalog import commands as catalog_commands
from marketplace.core import worker
from marketplace.demo import commands as demo_commands
from marketplace.drafts import commands as draft_commands
from marketplace.invariants import queries as invariants
from marketplace.opendata import commands as opendata_commands
from marketplace.projects import commands as project_commands
from marketplace.proofs import commands as proofs_commands
from marketplace.reconciliation import commands as reconciliation_commands


def init_app(app: Flask) -> None:
    """Give the `flask` command ours."""
    for command in (
        check,
        work,
        *backup_commands.commands,
        *catalog_commands.commands,
        *opendata_commands.commands,
        *project_commands.commands,
        *demo_commands.commands,
        *draft_commands.commands,
        *proofs_commands.commands,
        *reconciliation_commands.commands,
    ):
        app.cli.add_command(command)


@click.command("check")
@with_appcontext
def check() -> None:
    """Prove the books: one line for each invariant; exit 1 if one does not hold."""
    findings = invariants.check_all()
    for finding in findings:
        verdict = "holds " if finding.holds else "BROKEN"
        click.echo(
            f"{verdict}  {finding.invariant.name}: {finding.invariant.says} "
            f"({finding.looked_at} looked at, {finding.broken} broken)"
        )
    if not all(finding.holds for finding in findings):
        sys.exit(1)


@click.command("worker")
@with_appcontext
@click.option("--concurrency", default=2, help="How many jobs at once.")
def work(concurrency: int) -> None:
    """Run jobs until told to stop."""
    settings = current_app.config["SETTINGS"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # for its threads
    worker.work(app, settings.database_url, concurrency=concurrency)

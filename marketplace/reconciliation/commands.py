"""The reconciliation's command."""

import json
import sys

import click
from flask.cli import with_appcontext

from marketplace.payments.gateway import Unreachable
from marketplace.reconciliation.jobs import reconcile_now


@click.command("reconcile")
@with_appcontext
def reconcile() -> None:
    """Compare the book with the provider: a line of JSON; exit 1 if they differ unexplained."""
    try:
        run = reconcile_now()
    except Unreachable as error:
        click.echo(json.dumps({"error": f"the provider did not answer: {error}"}))
        sys.exit(2)
    click.echo(
        json.dumps(
            {
                "rows_read": run.rows_read,
                "keys_compared": run.keys_compared,
                "unexplained": run.unexplained,
                "started_at": run.started_at.isoformat(timespec="seconds"),
            }
        )
    )
    if run.unexplained:
        sys.exit(1)


commands: list[click.Command] = [reconcile]

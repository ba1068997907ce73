"""The log's command."""

import json
import sys
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from marketplace.proofs.jobs import asked_witnesses


@click.command("ask-witnesses")
@with_appcontext
def ask_witnesses() -> None:
    """Ask the configured witnesses to cosign: a line of JSON for each; exit 1 if one did not."""
    asked = asked_witnesses()
    for one in asked:
        click.echo(json.dumps(asdict(one)))
    if not all(one.is_good for one in asked):
        sys.exit(1)


commands: list[click.Command] = [ask_witnesses]

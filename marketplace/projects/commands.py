"""The projects' commands."""

from pathlib import Path

import click

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict
from marketplace.core.reading.report import NotThisKind
from marketplace.core.reading.terminal import Bar, finish, refuse, undone
from marketplace.projects.imports.importer import run
from marketplace.projects.imports.source import FORMATS, kind_of


@click.command("import-projects")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "wanted", default="auto", type=click.Choice(["auto", *FORMATS]))
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back.")
def import_projects(file: Path, wanted: str, *, dry_run: bool) -> None:
    """Propose projects from open data. Exit 2 if it is no such file."""
    try:
        report = run(
            file,
            kind_of(file, wanted),
            transaction=undone if dry_run else atomic,
            now=clock.now(),
            progress=Bar("projects"),
        )
    except NotThisKind as error:
        refuse(error)
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    finish(report)


commands: list[click.Command] = [import_projects]

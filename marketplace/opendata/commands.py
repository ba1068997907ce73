"""The open data's commands."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from marketplace.core import clock
from marketplace.core.db import snapshot
from marketplace.opendata import jobs, service
from marketplace.opendata.rules.records import Format


@click.command("export")
@click.argument("kind", type=click.Choice([kind.value for kind in Format]), metavar="FORMAT")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@with_appcontext
def export(kind: str, file: Path) -> None:
    """Write what was given here into FILE, as 360giving, iati or csv."""
    draft = file.with_name(f".{file.name}.part")
    try:
        with snapshot():
            entries = service.write(
                kind=Format(kind), path=draft, publisher=jobs.publisher(), now=clock.now()
            )
        draft.replace(file)
    except service.NothingToTell as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{entries} entries in {file}")


@click.command("publish-open-data")
@with_appcontext
def publish() -> None:
    """Make a new edition of the files on the page of open data, as every night."""
    edition = jobs.publish_now()
    if edition is None:
        raise click.ClickException("A difference with the provider is not explained yet.")
    for made in edition.files:
        click.echo(f"{made.kind.file_name}: {made.entries} entries, {made.size} bytes")


commands: list[click.Command] = [export, publish]

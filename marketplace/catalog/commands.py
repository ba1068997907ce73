"""The catalogue's commands."""

from pathlib import Path

import click

from marketplace.catalog.imports.importer import run
from marketplace.catalog.imports.source import FORMATS, open_source
from marketplace.catalog.queries import desk
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.reading.report import NotThisKind
from marketplace.core.reading.terminal import Bar, finish, refuse, undone


@click.command("import-products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--company", "slug", required=True, help="The company's name in its address.")
@click.option("--format", "wanted", default="auto", type=click.Choice(["auto", *FORMATS]))
@click.option("--dry-run", is_flag=True, help="Do everything, then take it back.")
def import_products(file: Path, slug: str, wanted: str, *, dry_run: bool) -> None:
    """Import a company's products from another shop's export. Exit 2 if it is no such file."""
    company = desk.find_seller(slug)
    if company is None:
        raise click.BadParameter(f"there is no company {slug}", param_hint="--company")
    try:
        report = run(
            open_source(file, wanted),
            company=company,
            transaction=undone if dry_run else atomic,
            now=clock.now(),
            progress=Bar("products"),
        )
    except NotThisKind as error:
        refuse(error)
    finish(report)


commands: list[click.Command] = [import_products]

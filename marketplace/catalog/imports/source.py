"""A product file: what kind it is, and its products one after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from marketplace.catalog.imports.google import GOOGLE
from marketplace.catalog.imports.others import PRESTASHOP, VENDURE, carried, what_else
from marketplace.catalog.imports.records import MANY_ROWS, Format, ProductRecord, Terms
from marketplace.catalog.imports.shopify import SHOPIFY
from marketplace.catalog.imports.woocommerce import WOOCOMMERCE
from marketplace.core.i18n import _l
from marketplace.core.reading.feed import feed_rows
from marketplace.core.reading.report import NotThisKind, Refused, Report
from marketplace.core.reading.spool import Group, Spool
from marketplace.core.reading.table import Row, Table, open_table

FORMATS = {kind.name: kind for kind in (SHOPIFY, WOOCOMMERCE, GOOGLE, PRESTASHOP, VENDURE)}
KNOWN = frozenset(name for kind in FORMATS.values() for name in kind.columns) | {
    name for kind in FORMATS.values() for some in kind.needs for name in some
}
TROUBLE = "\0trouble"
START = 4096


@dataclass(frozen=True)
class Source:
    """A file whose kind is known; `table` is None for XML."""

    path: Path
    kind: Format
    table: Table | None

    def rows(self) -> Iterator[Row]:
        """Yield its rows."""
        if self.table is None:
            return feed_rows(self.path)
        rows = self.table.rows()
        return carried(rows) if self.kind is VENDURE else rows

    def mapping(self) -> list[tuple[str, str]]:
        """Return each column as written with what becomes of it, blank where nothing does."""
        if self.table is None:
            return [
                (name, meaning) for name, meaning in self.kind.columns.items() if " " not in name
            ]
        pairs = zip(self.table.titles, self.table.columns, strict=True)
        return [(title, self.kind.columns.get(name, "")) for title, name in pairs]


def open_source(path: Path, wanted: str = "auto") -> Source:
    """Find out what kind of product file this is.

    :raises NotThisKind: none that we read, or not the one that was asked for.
    """
    start = _start_of(path)
    if start[:1] in "{[":
        raise NotThisKind(_not_a_table(start))
    if start.startswith("<"):
        if wanted not in ("auto", "google"):
            raise NotThisKind(_l("This is XML; only product feeds in Google's format are XML."))
        return Source(path, GOOGLE, None)
    table = open_table(path, KNOWN)
    other = what_else(table.columns)
    if other:
        raise NotThisKind(other)
    tried = FORMATS.values() if wanted == "auto" else [FORMATS[wanted]]
    for kind in tried:
        if kind.recognises(table.columns):
            return Source(path, kind, table)
    raise NotThisKind(
        _l("The columns are not those of a product export of Shopify, WooCommerce or Google.")
        if wanted == "auto"
        else _l("The columns are not those of a product export of %(shop)s.", shop=tried[0].label)  # type: ignore[index]  # a list here
    )


def _start_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(START)
    if not start.strip():
        raise NotThisKind(_l("The file is empty."))
    return start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def _not_a_table(start: str) -> object:
    if '"model": "' in start:
        return _l("This is a Saleor (Django) fixture; export the products as CSV.")
    if '"grants"' in start:
        return _l("These are grants in 360Giving's format; use import-projects.")
    return _l("This is JSON; product files are CSV or XML.")


def fill(source: Source, spool: Spool, report: Report, *, most_rows: int | None = None) -> bool:
    """Sort the rows of a file by product; return False if `most_rows` left some unread."""
    for number, row in enumerate(source.rows()):
        if most_rows is not None and number >= most_rows:
            return False
        try:
            key = source.kind.key_of(row.line, row.cells)
        except Refused as refused:
            report.refuse(Refused(row.line, row.trouble) if row.trouble else refused)
            continue
        for other in key.also:
            spool.alias(other, key.name)
        body: dict[str, object] = dict(row.cells)
        if row.trouble:
            body[TROUBLE] = str(row.trouble)
        spool.add(key.name, row.line, body)
    return True


def products(
    source: Source,
    spool: Spool,
    terms: Terms,
    report: Report,
    *,
    done: Callable[[], object] = lambda: None,
) -> Iterator[ProductRecord]:
    """Yield the products that can be taken; what cannot goes into the report, whole."""
    for group in spool.groups():
        try:
            yield _product(source.kind, group, terms)
        except Refused as refused:
            report.refuse(refused)
        done()


def _product(kind: Format, group: Group, terms: Terms) -> ProductRecord:
    if group.is_cut:
        raise Refused(group.line, MANY_ROWS, group.name)
    for line, cells in group.rows:
        if TROUBLE in cells:
            raise Refused(line, cells[TROUBLE], group.name)
    return kind.product_of(group, terms)

"""Exports of PrestaShop and Vendure, and files that are something else altogether."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from marketplace.catalog.imports.records import (
    Format,
    Key,
    ProductRecord,
    Terms,
    VariantRecord,
    price_of,
    product_record,
    stock_of,
)
from marketplace.core.i18n import _l
from marketplace.core.money import BASIS, round_half_up
from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.table import Row
from marketplace.core.reading.text import one_line

Cells = Mapping[str, str]

NO_ID = _l("There is no id.")
NO_HEAD = _l("The row continues a product that is not there.")

_ELSE = (
    ({"lineitem name"}, _l("This is a Shopify orders export, not products.")),
    ({"accepts email marketing"}, _l("This is a Shopify customers export, not products.")),
    ({"handle", "location"}, _l("This is a Shopify inventory export; export the products.")),
    ({"loan_amount", "sector"}, _l("These are Kiva loans; use import-projects.")),
)


def what_else(columns: Sequence[str]) -> object | None:
    """Return what a table is, if it is something known that holds no products."""
    return next((text for names, text in _ELSE if names <= set(columns)), None)


def _prestashop_key(line: int, cells: Cells) -> Key:
    name = cells.get("reference #") or cells.get("id")
    if not name:
        raise Refused(line, NO_ID, cells.get("name*", ""))
    return Key(name)


def _prestashop_product(group: Group, terms: Terms) -> ProductRecord:
    """Make a product of a row; prices are without tax there, the terms' VAT is added."""
    line, cells = group.rows[0]
    net = price_of(line, cells.get("price tax excl.", ""), terms)
    on_hand = stock_of(line, cells.get("quantity", ""))
    variant = VariantRecord(
        sku=one_line(cells.get("reference #", "")),
        title="",
        price_minor=round_half_up(Fraction(net * (BASIS + terms.vat_bp), BASIS)),
        on_hand=on_hand,
    )
    return product_record(
        ref=group.name,
        line=line,
        title=cells.get("name*", ""),
        variants=[variant] * len(group.rows),
        summary=cells.get("short description", ""),
        body=cells.get("description", ""),
        shelves=cells.get("categories (x,y,z,...)", "").split(",")[::-1],
        is_published=cells.get("active (0/1)", "1") == "1",
        photo_url=cells.get("image urls (x,y,z,...)", "").split(",")[0],
    )


def _vendure_key(line: int, cells: Cells) -> Key:
    """Return the slug or name, which `carried` has put into continuation rows too."""
    name = cells.get("slug") or cells.get("name")
    if not name:
        raise Refused(line, NO_HEAD, cells.get("sku", ""))
    return Key(name)


def carried(rows: Iterator[Row]) -> Iterator[Row]:
    """Give rows without a name and slug those of the row above, as Vendure means them."""
    above: dict[str, str] = {}
    for row in rows:
        if row.cells.get("name"):
            above = {name: row.cells[name] for name in ("name", "slug") if name in row.cells}
            yield Row(row.line, {**row.cells, "is head": "1"}, row.trouble)
        else:
            yield Row(row.line, row.cells | above, row.trouble)


def _vendure_product(group: Group, terms: Terms) -> ProductRecord:
    line, head = group.rows[0]
    return product_record(
        ref=group.name,
        line=line,
        title=head.get("name", ""),
        variants=[_vendure_variant(at, cells, terms) for at, cells in group.rows],
        body=head.get("description", ""),
        shelves=[facet.rpartition(":")[2] for facet in head.get("facets", "").split("|")],
    )


def _vendure_variant(line: int, cells: Cells, terms: Terms) -> VariantRecord:
    return VariantRecord(
        sku=one_line(cells.get("sku", "")),
        title=" / ".join(one_line(part) for part in cells.get("optionvalues", "").split("|")),
        price_minor=price_of(line, cells.get("price", ""), terms),
        on_hand=stock_of(line, cells.get("stockonhand", "")),
    )


PRESTASHOP = Format(
    name="prestashop",
    label="PrestaShop",
    needs=(frozenset({"name*"}), frozenset({"price tax excl."}), frozenset({"id", "reference #"})),
    columns={
        "id": "name", "reference #": "sku", "name*": "title", "short description": "summary",
        "description": "description", "price tax excl.": "price", "quantity": "stock",
        "categories (x,y,z,...)": "category", "image urls (x,y,z,...)": "photo",
        "active (0/1)": "state",
    },
    key_of=_prestashop_key,
    product_of=_prestashop_product,
)  # fmt: skip

VENDURE = Format(
    name="vendure",
    label="Vendure",
    needs=(frozenset({"name"}), frozenset({"optiongroups"}), frozenset({"price"})),
    columns={
        "name": "title", "slug": "name", "description": "description", "facets": "category",
        "optionvalues": "variant", "sku": "sku", "price": "price", "stockonhand": "stock",
    },
    key_of=_vendure_key,
    product_of=_vendure_product,
)  # fmt: skip

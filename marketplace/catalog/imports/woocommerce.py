"""WooCommerce's product export: variations stand anywhere and name their parent by SKU or id."""

import re
from collections.abc import Mapping

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
from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line

Cells = Mapping[str, str]

NO_NAME = _l("There is neither an ID nor a SKU.")
NO_PARENT = _l("The variation does not say of which product it is.")
UNKNOWN_PARENT = _l("The product that this variation belongs to is not in the file.")
TWO_PARENTS = _l("Two products have the same SKU.")
NO_VARIATIONS = _l("There are no variations of this product in the file.")
GROUPED = _l("A group of other products; those are taken one by one.")
EXTERNAL = _l("It is sold on another site.")
DOWNLOAD = _l("A download or a service; here things are sold that can be sent.")
UNKNOWN_TYPE = _l("This type of product is not known.")

_LEFT_OUT = {
    "grouped": GROUPED,
    "external": EXTERNAL,
    "downloadable": DOWNLOAD,
    "virtual": DOWNLOAD,
}
_ATTRIBUTE = re.compile(r"attribute (\d+) value\(s\)")


def key_of(line: int, cells: Cells) -> Key:
    """Return the SKU or "id:N" of the product, for a variation its parent's."""
    parent = cells.get("parent", "")
    if "variation" in _types(cells):
        if not parent:
            raise Refused(line, NO_PARENT, cells.get("sku", ""))
        return Key(parent)
    number, sku = cells.get("id", ""), cells.get("sku", "")
    if not number and not sku:
        raise Refused(line, NO_NAME, cells.get("name", ""))
    by_number = f"id:{number}"
    return Key(sku, (by_number,) if number else ()) if sku else Key(by_number)


def product_of(group: Group, terms: Terms) -> ProductRecord:
    """Make a product of its row and its variations'."""
    parents = [row for row in group.rows if "variation" not in _types(row[1])]
    if not parents:
        raise Refused(group.line, UNKNOWN_PARENT, group.name)
    if len(parents) > 1:
        raise Refused(parents[1][0], TWO_PARENTS, group.name)
    line, head = parents[0]
    types = _types(head)
    for name, reason in _LEFT_OUT.items():
        if name in types:
            raise Refused(line, reason, head.get("name", ""))
    return product_record(
        ref=group.name,
        line=line,
        title=head.get("name", ""),
        variants=_variants(group, line, head, terms),
        summary=_lines(head.get("short description", "")),
        body=_lines(head.get("description") or head.get("short description", "")),
        shelves=_shelves(head),
        is_published=head.get("published", "1") == "1"
        and head.get("visibility in catalog", "visible") != "hidden",
        photo_url=head.get("images", "").split(",")[0],
    )


def _types(cells: Cells) -> set[str]:
    return {part.strip().lower() for part in cells.get("type", "simple").split(",")}


def _variants(group: Group, line: int, head: Cells, terms: Terms) -> list[VariantRecord]:
    types = _types(head)
    variations = [row for row in group.rows if "variation" in _types(row[1])]
    if "variable" in types:
        if not variations:
            raise Refused(line, NO_VARIATIONS, head.get("name", ""))
        return [_variant(at, cells, terms, head) for at, cells in variations]
    if "simple" not in types:
        raise Refused(line, UNKNOWN_TYPE, head.get("type", ""))
    return [_variant(line, head, terms, None)]


def _variant(line: int, cells: Cells, terms: Terms, parent: Cells | None) -> VariantRecord:
    on_hand = stock_of(line, cells.get("stock", "").replace("parent", ""))
    return VariantRecord(
        sku=one_line(cells.get("sku", "")),
        title="" if parent is None else _title(cells, parent),
        price_minor=price_of(line, cells.get("regular price", ""), terms),
        on_hand=0 if cells.get("in stock?") == "0" else on_hand,
        is_offered=parent is None or cells.get("published", "1") == "1",
    )


def _title(cells: Cells, parent: Cells) -> str:
    """Return what tells a variation: its attributes, else what its name adds to its parent's."""
    numbered = sorted(
        (int(m[1]), cells[name]) for name in cells if (m := _ATTRIBUTE.fullmatch(name))
    )
    values = [one_line(value) for _number, value in numbered if value]
    name = cells.get("name", "").removeprefix(parent.get("name", ""))
    return " / ".join(values) or one_line(name.strip(" -–"))


def _lines(text: str) -> str:
    """Return text in which the exporter's written-out line breaks are real ones."""
    return text.replace("\\r\\n", "\n").replace("\\n", "\n")


def _shelves(head: Cells) -> list[str]:
    paths = head.get("categories", "").split(",")
    return [part for path in paths for part in reversed(path.split(">")) if part.strip()]


WOOCOMMERCE = Format(
    name="woocommerce",
    label="WooCommerce",
    needs=(
        frozenset({"type"}),
        frozenset({"name"}),
        frozenset({"regular price"}),
        frozenset({"id", "sku"}),
    ),
    columns={
        "id": "name", "sku": "sku", "parent": "name", "name": "title", "type": "type",
        "short description": "summary", "description": "description", "regular price": "price",
        "stock": "stock", "in stock?": "stock", "categories": "category", "images": "photo",
        "published": "state", "visibility in catalog": "state",
        "attribute 1 value(s)": "variant", "attribute 2 value(s)": "variant",
        "attribute 3 value(s)": "variant",
    },
    key_of=key_of,
    product_of=product_of,
)  # fmt: skip

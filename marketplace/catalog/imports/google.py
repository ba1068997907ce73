"""Google's product feeds: Merchant Center and its ancestor, in XML or with tabs."""

import re
from collections.abc import Mapping

from marketplace.catalog.imports.records import (
    BAD_PRICE,
    NO_PRICE,
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

NO_ID = _l("There is neither an id nor a link.")
BAD_CURRENCY = _l("The currency is not a code of three letters.")

TELLING = ("color", "size", "material", "pattern", "gender", "age_group")
# Google: a number with a point, and the currency's code behind it. "5,95" and "free" are invalid.
_PRICE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?: ?([A-Z]{3}))?")


def key_of(line: int, cells: Cells) -> Key:
    """Return the group's id, the item's id, or its link."""
    name = _cell(cells, "item_group_id") or _cell(cells, "id") or _cell(cells, "link")
    if not name:
        raise Refused(line, NO_ID, _cell(cells, "title"))
    return Key(name.splitlines()[0])


def product_of(group: Group, terms: Terms) -> ProductRecord:
    """Make a product of an item, or of the items that share a group."""
    head = group.rows[0][1]
    is_alone = len(group.rows) == 1 or not _cell(head, "item_group_id")
    path = _cell(head, "product_type") or _cell(head, "google_product_category")
    return product_record(
        ref=group.name,
        line=group.line,
        title=_cell(head, "title"),
        variants=[
            _variant(line, cells, terms, "" if is_alone else _telling(cells))
            for line, cells in group.rows
        ],
        body=_cell(head, "description") or _cell(head, "summary"),
        shelves=[part for part in reversed(path.split(">")) if part.strip()],
        photo_url=(_cell(head, "image_link").splitlines() or [""])[0],
    )


def _cell(cells: Cells, name: str) -> str:
    """Return an attribute, in Google's namespace or out of it, with "_" or a blank in its name."""
    return cells.get(f"g:{name}") or cells.get(name) or cells.get(name.replace("_", " ")) or ""


def _telling(cells: Cells) -> str:
    return " / ".join(one_line(value) for name in TELLING if (value := _cell(cells, name)))


def _variant(line: int, cells: Cells, terms: Terms, title: str) -> VariantRecord:
    price = _cell(cells, "price")
    if not price:
        raise Refused(line, NO_PRICE, _cell(cells, "title"))
    match = _PRICE.fullmatch(price)
    if not match:
        raise Refused(line, BAD_PRICE, price)
    currency = match[2] or _cell(cells, "currency")
    if currency and not re.fullmatch(r"[A-Z]{3}", currency):
        raise Refused(line, BAD_CURRENCY, currency)
    on_hand = stock_of(line, _cell(cells, "quantity"))
    is_out = _cell(cells, "availability").replace(" ", "_").lower() == "out_of_stock"
    return VariantRecord(
        sku=one_line(_cell(cells, "mpn") or _cell(cells, "id")),
        title=title,
        price_minor=price_of(line, match[1], terms, currency=currency),
        on_hand=0 if is_out else on_hand,
    )


GOOGLE = Format(
    name="google",
    label="Google Merchant Center",
    needs=(
        frozenset({"id", "link"}),
        frozenset({"title"}),
        frozenset({"price"}),
        frozenset({"availability", "image_link", "image link", "condition", "link"}),
    ),
    columns={
        "id": "name", "item_group_id": "name", "item group id": "name", "title": "title",
        "description": "description", "price": "price", "quantity": "stock",
        "availability": "stock", "image_link": "photo", "image link": "photo",
        "product_type": "category", "product type": "category", "color": "variant",
        "size": "variant", "mpn": "sku",
    },
    key_of=key_of,
    product_of=product_of,
)  # fmt: skip

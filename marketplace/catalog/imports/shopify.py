"""Shopify's product export: rows of one Handle are one product; both headers that are in use."""

from collections.abc import Mapping

from marketplace.catalog.imports.records import (
    NO_PRICE,
    Format,
    Key,
    ProductRecord,
    Terms,
    VariantRecord,
    first_of,
    price_of,
    product_record,
    stock_of,
)
from marketplace.core.i18n import _l
from marketplace.core.reading.report import Refused
from marketplace.core.reading.spool import Group
from marketplace.core.reading.text import one_line

HANDLE = ("handle", "url handle")
PRICE = ("variant price", "price")
SKU = ("variant sku", "sku")
QUANTITY = ("variant inventory qty", "inventory quantity")
BODY = ("body (html)", "body html", "description")
PHOTO = ("image src", "product image url")
PUBLISHED = ("published", "published on online store")
OPTIONS = ("option1 value", "option2 value", "option3 value")

NO_HANDLE = _l("There is no handle.")
TWO_TITLES = _l("Two products have the same handle.")
GIFT_CARD = _l("A gift card is not goods that can be sent.")


def key_of(line: int, cells: Mapping[str, str]) -> Key:
    """Return the handle."""
    handle = first_of(cells, *HANDLE)
    if not handle:
        raise Refused(line, NO_HANDLE)
    return Key(handle)


def product_of(group: Group, terms: Terms) -> ProductRecord:
    """Make a product of the rows of a handle; those with only an image or metafield add nothing."""
    titled = [(line, cells) for line, cells in group.rows if cells.get("title")]
    if len({one_line(cells["title"]) for _line, cells in titled}) > 1:
        raise Refused(titled[1][0], TWO_TITLES, group.name)
    head = titled[0][1] if titled else {}
    if head.get("gift card", "").lower() == "true":
        raise Refused(group.line, GIFT_CARD, group.name)
    variants = [_variant(line, cells, terms) for line, cells in group.rows if _is_variant(cells)]
    if titled and not variants:
        raise Refused(group.line, NO_PRICE, group.name)
    return product_record(
        ref=group.name,
        line=group.line,
        title=head.get("title", ""),
        variants=variants,
        body=first_of(head, *BODY),
        shelves=_shelves(head),
        is_published=_is_published(head),
        photo_url=next(
            (photo for _at, cells in group.rows if (photo := first_of(cells, *PHOTO))), ""
        ),
    )


def _is_variant(cells: Mapping[str, str]) -> bool:
    return any(cells.get(name) for name in (*PRICE, *SKU, *OPTIONS))


def _variant(line: int, cells: Mapping[str, str], terms: Terms) -> VariantRecord:
    values = [one_line(cells[name]) for name in OPTIONS if cells.get(name)]
    title = "" if values == ["Default Title"] else " / ".join(values)
    return VariantRecord(
        sku=one_line(first_of(cells, *SKU).lstrip("'")),
        title=title,
        price_minor=price_of(line, first_of(cells, *PRICE), terms),
        on_hand=stock_of(line, first_of(cells, *QUANTITY)),
    )


def _is_published(head: Mapping[str, str]) -> bool:
    status = head.get("status", "active").lower()
    return status == "active" and first_of(head, *PUBLISHED).lower() != "false"


def _shelves(head: Mapping[str, str]) -> list[str]:
    path = first_of(head, "product category", "google shopping / google product category")
    named = [first_of(head, "type", "custom product type"), *reversed(path.split(">"))]
    return [name for name in named if name.strip()]


SHOPIFY = Format(
    name="shopify",
    label="Shopify",
    needs=(
        frozenset(HANDLE),
        frozenset({"title"}),
        frozenset({*PRICE, *BODY, "option1 name", "option1 value"}),
    ),
    columns={
        "handle": "name", "url handle": "name", "title": "title", "body (html)": "description",
        "description": "description", "type": "category", "product category": "category",
        "option1 value": "variant", "option2 value": "variant", "option3 value": "variant",
        "variant sku": "sku", "sku": "sku", "variant price": "price", "price": "price",
        "variant inventory qty": "stock", "inventory quantity": "stock", "image src": "photo",
        "product image url": "photo", "status": "state", "published": "state",
        "published on online store": "state",
    },
    key_of=key_of,
    product_of=product_of,
)  # fmt: skip

"""Reads of one product."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Category, Product, ProductPhoto, ProductState, Variant
from marketplace.catalog.queries.shelves import Shelf
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.media.models import Photo


@dataclass(frozen=True)
class Seller:
    """The company that sells a product, as its page tells of it."""

    id: uuid.UUID
    slug: str
    name: str
    city: str
    palette: str
    pledge_bp: int | None
    pledge_unit_minor: int | None
    ships_within_days: int
    shipping_minor: int
    free_shipping_from_minor: int | None


@dataclass(frozen=True)
class Picture:
    """A photo of a product."""

    id: uuid.UUID
    key: str
    widths: list[int]
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Offered:
    """A variant as it can be bought, in the product's currency, VAT included."""

    id: uuid.UUID
    sku: str
    title: str
    price_minor: int
    available: int
    """Pieces that can be bought now."""


@dataclass(frozen=True)
class Shown:
    """A product that is offered, with all that is asked of it together."""

    id: uuid.UUID
    slug: str
    title: str
    summary: str
    description_html: str
    material: str
    currency: str
    vat_bp: int
    price_from_minor: int
    pledge_bp: int | None
    pledge_unit_minor: int | None
    glyph: str
    """The silhouette that the look draws where there is no photo."""
    company: Seller
    category: Shelf | None
    photo: Picture | None
    variants: Sequence[Offered]
    more: Mapping[str, Any]  # Any: what a page asks for
    """What else the statement was asked for."""


_PRODUCT, _VARIANT, _COMPANY, _CATEGORY, _PHOTO = (
    model.__table__ for model in (Product, Variant, Company, Category, Photo)
)
_SELLER = [_COMPANY.c[name] for name in Seller.__annotations__]
_SHELF = [_CATEGORY.c[name] for name in Shelf.__annotations__]
_PICTURE = [_PHOTO.c[name] for name in Picture.__annotations__]
_OFFERED = (
    _VARIANT.c.id,
    _VARIANT.c.sku,
    _VARIANT.c.title,
    _VARIANT.c.price_minor,
    _VARIANT.c.on_hand - _VARIANT.c.reserved,
)
_OWN = (
    _PRODUCT.c.id,
    _PRODUCT.c.slug,
    _PRODUCT.c.title,
    _PRODUCT.c.summary,
    _PRODUCT.c.description_html,
    _PRODUCT.c.material,
    _PRODUCT.c.currency,
    _PRODUCT.c.vat_bp,
    _PRODUCT.c.price_from_minor,
    _PRODUCT.c.pledge_bp,
    _PRODUCT.c.pledge_unit_minor,
    sa.func.coalesce(_CATEGORY.c.glyph, "parcel"),
)


def product_statement(**more: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    """Return a statement that finds a product by slug, and by name what else a page wants of it.

    It is made once for each page, of the tables' own columns: entities cost several times as much.
    A product has a handful of variants: joined, they cost no statement of their own.
    """
    named = [column.label(name) for name, column in more.items()]
    return (
        sa.select(*_OWN, *_SELLER, *_SHELF, *_PICTURE, *_OFFERED, *named)
        .select_from(
            _PRODUCT.join(_COMPANY, _COMPANY.c.id == _PRODUCT.c.company_id)
            .outerjoin(_CATEGORY, _CATEGORY.c.id == _PRODUCT.c.category_id)
            .outerjoin(_PHOTO, _PHOTO.c.id == _PRODUCT.c.photo_id)
            .outerjoin(
                _VARIANT, sa.and_(_VARIANT.c.product_id == _PRODUCT.c.id, _VARIANT.c.is_offered)
            )
        )
        .where(
            _PRODUCT.c.slug == sa.bindparam("slug"),
            _PRODUCT.c.state == ProductState.LIVE,
            _COMPANY.c.state == CompanyState.VERIFIED,
        )
        .order_by(_VARIANT.c.position)
    )


_SHOWN = product_statement()
_PHOTOS = (
    sa.select(*_PICTURE)
    .join(ProductPhoto.__table__, ProductPhoto.photo_id == _PHOTO.c.id)
    .where(ProductPhoto.product_id == sa.bindparam("product"))
    .order_by(ProductPhoto.position, _PHOTO.c.id)
    .limit(12)
)


def find_product(slug: str, query: sa.Select[*tuple[Any, ...]] = _SHOWN) -> Shown | None:
    """Return a product that is offered, with its company, shelf, picture and offered variants.

    :param query: what `product_statement` made
    """
    rows = session.execute(query, {"slug": slug}).all()
    if not rows:
        return None
    parts = iter(rows[0])
    own, seller, shelf, picture, _variant = (
        [next(parts) for _column in columns]
        for columns in (_OWN, _SELLER, _SHELF, _PICTURE, _OFFERED)
    )
    before = len(_OWN) + len(_SELLER) + len(_SHELF) + len(_PICTURE)
    behind = before + len(_OFFERED)
    told = (
        Seller(*seller),
        Shelf(*shelf) if shelf[0] else None,
        Picture(*picture) if picture[0] else None,
        [Offered(*row[before:behind]) for row in rows if row[before]],
        dict(zip(rows[0]._fields[behind:], parts, strict=True)),
    )
    return Shown(*[*own, *told])


def find_state(slug: str) -> ProductState | None:
    """Return the state of a product that may not be offered."""
    return session.scalar(sa.select(Product.state).where(Product.slug == slug))


def list_photos(product_id: uuid.UUID) -> Sequence[Picture]:
    """Return a product's further pictures."""
    return [Picture(*row) for row in session.execute(_PHOTOS, {"product": product_id})]

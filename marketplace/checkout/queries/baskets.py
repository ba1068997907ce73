"""Reads of baskets, priced from our own data."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from marketplace.campaigns.queries import ANY_FUNDED
from marketplace.catalog.models import Category, Product, ProductState, Variant
from marketplace.checkout.models import Basket, BasketLine
from marketplace.checkout.queries.priced import (
    KeptBasket,
    PricedBasket,
    PricedCompany,
    PricedLine,
)
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.giving.rules import Pledge, pledge_for
from marketplace.media.models import Photo
from marketplace.orders.rules import (
    LineTerms,
    ShippingTerms,
    price_line,
    price_shipping,
    shipping_vat,
)

Row = Any  # Any: a row of the columns that _LINE names


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


# Of the tables' own columns: an entity costs several times as much, and these are read on every
# page of a purchase.
_BASKET, _BASKET_LINE = Basket.__table__, BasketLine.__table__
_KEPT = tuple(_BASKET.c[name] for name in KeptBasket._fields)
_OF_TOKEN = sa.select(*_KEPT).where(_BASKET.c.token_hash == sa.bindparam("token_hash"))


def find_basket(token: str) -> KeptBasket | None:
    """Return the basket of a cookie's token."""
    row = session.execute(_OF_TOKEN, {"token_hash": _digest(token)}).one_or_none()
    return KeptBasket(*row) if row is not None else None


def find_priced(token: str, *, commission_bp: int) -> tuple[KeptBasket, PricedBasket] | None:
    """Return the basket of a cookie's token and its prices: one statement.

    Things stand in the order in which they were put in, companies in that of their first thing.
    """
    rows = session.execute(_FILLED, {"token_hash": _digest(token)}).all()
    if not rows:
        return None
    first = rows[0]
    wanted = {row.id: row.quantity for row in rows if row.id is not None}
    priced = _priced(rows, wanted, commission_bp)
    kept = KeptBasket(first.basket_id, first.user_id, first.checkout_key, first.draft)
    return kept, replace(priced, may_be_matched=first.may_be_matched)


def price(
    wanted: Mapping[uuid.UUID, int], *, commission_bp: int, lock: bool = False
) -> PricedBasket:
    """Price variants from our own data; with `lock`, holding their stock in order of id.

    One statement; companies stand in the order in which their first line was put in.
    """
    rows = session.execute(_LOCKED if lock else _WANTED, {"variants": list(wanted)}).all()
    return _priced(rows, wanted, commission_bp)


def _priced(
    rows: Sequence[Row], wanted: Mapping[uuid.UUID, int], commission_bp: int
) -> PricedBasket:
    found = {row.id: row for row in rows}
    by_company: dict[uuid.UUID, list[Row]] = {}
    for variant_id in wanted:
        if row := found.get(variant_id):
            by_company.setdefault(row.company_id, []).append(row)
    companies = [_company(rows, wanted, commission_bp) for rows in by_company.values()]
    currency = next((rows[0].currency for rows in by_company.values()), "EUR")
    return PricedBasket(currency, companies)


_VARIANT, _PRODUCT, _COMPANY = Variant.__table__, Product.__table__, Company.__table__
_CATEGORY, _PHOTO = Category.__table__, Photo.__table__
_LINE = (
    _VARIANT.c.id,
    _VARIANT.c.title.label("variant_title"),
    _VARIANT.c.sku,
    _VARIANT.c.price_minor,
    (_VARIANT.c.on_hand - _VARIANT.c.reserved).label("available"),
    sa.and_(
        _VARIANT.c.is_offered,
        _PRODUCT.c.state == ProductState.LIVE,
        _COMPANY.c.state == CompanyState.VERIFIED,
    ).label("is_for_sale"),
    _PRODUCT.c.slug.label("product_slug"),
    _PRODUCT.c.title,
    _PRODUCT.c.vat_bp,
    _PRODUCT.c.currency,
    _PRODUCT.c.pledge_bp,
    _PRODUCT.c.pledge_unit_minor,
    _PHOTO.c.key.label("photo_key"),
    _PHOTO.c.widths.label("photo_widths"),
    sa.func.coalesce(_CATEGORY.c.glyph, "parcel").label("glyph"),
    _COMPANY.c.id.label("company_id"),
    _COMPANY.c.slug.label("company_slug"),
    _COMPANY.c.name.label("company_name"),
    _COMPANY.c.palette,
    _COMPANY.c.pledge_bp.label("company_pledge_bp"),
    _COMPANY.c.pledge_unit_minor.label("company_pledge_unit_minor"),
    _COMPANY.c.pledge_until,
    _COMPANY.c.shipping_minor,
    _COMPANY.c.free_shipping_from_minor,
)
# The statements are made once: to make one costs more than to run it.
_SHOWN = (
    _VARIANT.join(_PRODUCT, _PRODUCT.c.id == _VARIANT.c.product_id)
    .join(_COMPANY, _COMPANY.c.id == _PRODUCT.c.company_id)
    .outerjoin(_PHOTO, _PHOTO.c.id == _PRODUCT.c.photo_id)
    .outerjoin(_CATEGORY, _CATEGORY.c.id == _PRODUCT.c.category_id)
)
_WANTED = (
    sa.select(*_LINE)
    .select_from(_SHOWN)
    .where(_VARIANT.c.id == sa.func.any(sa.bindparam("variants", type_=ARRAY(sa.Uuid))))
)
_LOCKED = _WANTED.order_by(_VARIANT.c.id).with_for_update(of=_VARIANT, key_share=True)
_FILLED = (
    sa.select(
        _BASKET.c.id.label("basket_id"),
        *_KEPT[1:],
        _BASKET_LINE.c.quantity,
        *_LINE,
        ANY_FUNDED.label("may_be_matched"),
    )
    .select_from(
        _BASKET.outerjoin(_BASKET_LINE, _BASKET_LINE.c.basket_id == _BASKET.c.id).outerjoin(
            _SHOWN, _VARIANT.c.id == _BASKET_LINE.c.variant_id
        )
    )
    .where(_BASKET.c.token_hash == sa.bindparam("token_hash"))
    .order_by(_BASKET_LINE.c.added_at, _BASKET_LINE.c.variant_id)
)


def _company(
    rows: Sequence[Row], wanted: Mapping[uuid.UUID, int], commission_bp: int
) -> PricedCompany:
    lines = [_line(row, wanted[row.id], commission_bp) for row in rows]
    first = rows[0]
    items = sum(line.parts.gross_minor for line in lines)
    terms = ShippingTerms(first.shipping_minor, first.free_shipping_from_minor)
    shipping = price_shipping(terms, items)
    return PricedCompany(
        company_id=first.company_id,
        slug=first.company_slug,
        name=first.company_name,
        palette=first.palette,
        pledge=Pledge(first.company_pledge_bp, first.company_pledge_unit_minor),
        pledge_until=first.pledge_until,
        shipping_minor=shipping,
        shipping_vat_minor=shipping_vat(shipping, [line.terms.vat_bp for line in lines]),
        lines=lines,
    )


def _line(row: Row, quantity: int, commission_bp: int) -> PricedLine:
    pledge = pledge_for(
        (row.company_pledge_bp, row.company_pledge_unit_minor),
        (row.pledge_bp, row.pledge_unit_minor),
    )
    terms = LineTerms(row.id, row.company_id, quantity, row.price_minor, row.vat_bp, pledge)
    return PricedLine(
        terms=terms,
        parts=price_line(terms, commission_bp),
        product_slug=row.product_slug,
        title=row.title,
        variant_title=row.variant_title,
        sku=row.sku,
        available=row.available,
        is_for_sale=row.is_for_sale,
        photo_key=row.photo_key,
        photo_widths=row.photo_widths,
        category_glyph=row.glyph,
        currency=row.currency,
    )

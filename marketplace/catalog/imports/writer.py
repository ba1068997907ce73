"""Products of an import reach the database: batches in few statements, each product whole."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.imports.records import ProductRecord, VariantRecord
from marketplace.catalog.models import Category, Product, ProductState, Variant
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.reading.report import Report
from marketplace.core.slugs import slug_of, with_suffix

Values = dict[str, Any]  # Any: a row for an INSERT or UPDATE


@dataclass(frozen=True)
class Kept:
    """What the database has of an imported product."""

    id: uuid.UUID
    import_hash: bytes | None
    state: ProductState


def shelves_by_name() -> dict[str, uuid.UUID]:
    """Return the categories by slug and by each of their names, in lower case."""
    return {
        name.lower(): category.id
        for category in session.scalars(sa.select(Category))
        for name in (category.slug, category.name_en, category.name_fr, category.name_it)
    }


def save(
    records: Sequence[ProductRecord],
    *,
    company: Company,
    shelves: Mapping[str, uuid.UUID],
    report: Report,
    now: datetime,
) -> None:
    """Create, update or leave alone the products of a batch, in one transaction of the caller.

    A file decides on texts, prices, quantities and variants. It can withdraw a product, it never
    publishes again what the company took back here; pledge, VAT and address stay as they are.
    """
    kept = _kept(company.id, [record.external_ref for record in records])
    fresh = [record for record in records if record.external_ref not in kept]
    changed = [
        (record, kept[record.external_ref])
        for record in records
        if record.external_ref in kept and kept[record.external_ref].import_hash != record.digest
    ]
    if fresh:
        _create(fresh, company=company, shelves=shelves, now=now)
    if changed:
        _update(changed, shelves=shelves)
    report.created += len(fresh)
    report.updated += len(changed)
    report.unchanged += len(records) - len(fresh) - len(changed)


def _kept(company_id: uuid.UUID, refs: Sequence[str]) -> dict[str, Kept]:
    mine = sa.select(Product.external_ref, Product.id, Product.import_hash, Product.state).where(
        Product.company_id == company_id, Product.external_ref.in_(refs)
    )
    return {
        ref: Kept(product_id, import_hash, state)
        for ref, product_id, import_hash, state in session.execute(mine)
        if ref is not None
    }


def _create(
    records: Sequence[ProductRecord],
    *,
    company: Company,
    shelves: Mapping[str, uuid.UUID],
    now: datetime,
) -> None:
    ids = [new_id() for _record in records]
    slugs = _free_slugs([record.title for record in records], ids)
    products = [
        _texts(record)
        | {
            "id": product_id,
            "company_id": company.id,
            "category_id": _shelf(record, shelves),
            "slug": slug,
            "currency": company.currency,
            "external_ref": record.external_ref,
            "state": ProductState.LIVE if record.is_published else ProductState.DRAFT,
            "published_at": now if record.is_published else None,
            "price_from_minor": lowest_price(record.variants),
            "created_at": now,
        }
        for record, product_id, slug in zip(records, ids, slugs, strict=True)
    ]
    variants = [
        _variant(one, position) | {"id": new_id(), "product_id": product_id}
        for record, product_id in zip(records, ids, strict=True)
        for position, one in enumerate(record.variants)
    ]
    session.execute(sa.insert(Product), products)
    session.execute(sa.insert(Variant), variants)


def _texts(record: ProductRecord) -> Values:
    return {
        "title": record.title,
        "summary": record.summary,
        "description_html": record.description_html,
        "source_photo_url": record.photo_url,
        "import_hash": record.digest,
    }


def _shelf(record: ProductRecord, shelves: Mapping[str, uuid.UUID]) -> uuid.UUID | None:
    names = (name.lower() for name in record.shelves)
    return next((shelves[name] for name in names if name in shelves), None)


def _variant(record: VariantRecord, position: int) -> Values:
    return {
        "sku": record.sku,
        "title": record.title,
        "price_minor": record.price_minor,
        "is_offered": record.is_offered,
        "on_hand": record.on_hand or 0,
        "position": position,
    }


def lowest_price(variants: Sequence[VariantRecord]) -> int:
    """Return the lowest price of what is offered, else of all."""
    offered = [variant.price_minor for variant in variants if variant.is_offered]
    return min(offered or [variant.price_minor for variant in variants])


def _free_slugs(titles: Sequence[str], ids: Sequence[uuid.UUID]) -> Iterator[str]:
    """Yield a slug for each title; where it is taken, the end of the id makes it unique."""
    wanted = [slug_of(title, fallback="product") for title in titles]
    taken = set(session.scalars(sa.select(Product.slug).where(Product.slug.in_(wanted))))
    for slug, product_id in zip(wanted, ids, strict=True):
        free = with_suffix(slug, product_id.hex) if slug in taken else slug
        taken.add(free)
        yield free


def _update(
    changed: Sequence[tuple[ProductRecord, Kept]],
    *,
    shelves: Mapping[str, uuid.UUID],
) -> None:
    ids = [kept.id for _record, kept in changed]
    mine = sa.select(Variant).where(Variant.product_id.in_(ids)).order_by(Variant.id)
    there: dict[uuid.UUID, list[Variant]] = {product_id: [] for product_id in ids}
    for variant in session.scalars(mine.with_for_update()):
        there[variant.product_id].append(variant)
    products = []
    for record, kept in changed:
        values = _texts(record) | {"id": kept.id}
        shelf = _shelf(record, shelves)
        if shelf:
            values["category_id"] = shelf
        if not record.is_published and kept.state is ProductState.LIVE:
            values["state"] = ProductState.DRAFT
        values["price_from_minor"] = lowest_price(record.variants)
        products.append(values)
        _match_variants(record, kept.id, there[kept.id])
    by_columns: dict[tuple[str, ...], list[Values]] = {}
    for values in products:
        by_columns.setdefault(tuple(values), []).append(values)
    for rows in by_columns.values():
        session.execute(sa.update(Product), rows)
    session.flush()


def _match_variants(record: ProductRecord, product_id: uuid.UUID, there: Sequence[Variant]) -> None:
    """Bring a product's variants in line: known by SKU, else by name; what is gone is withdrawn."""
    left = list(there)
    pairs: list[tuple[VariantRecord, Variant | None, int]] = []
    for position, wanted in enumerate(record.variants):
        found = next((v for v in left if wanted.sku and v.sku == wanted.sku), None)
        found = found or next((v for v in left if v.title == wanted.title), None)
        if found:
            left.remove(found)
        pairs.append((wanted, found, position))
    _make_room(pairs, left)
    for wanted, found, position in pairs:
        values = _variant(wanted, position)
        if found is None:
            session.add(Variant(id=new_id(), product_id=product_id, **values))
            continue
        on_hand = values.pop("on_hand") if wanted.on_hand is not None else found.on_hand
        values.pop("on_hand", None)
        found.on_hand = max(on_hand, found.reserved)
        for name, value in values.items():
            setattr(found, name, value)


def _make_room(
    pairs: Sequence[tuple[VariantRecord, Variant | None, int]], gone: Sequence[Variant]
) -> None:
    """Withdraw what is gone, and free the names that are about to change hands."""
    names = {wanted.title for wanted, _found, _position in pairs}
    for variant in gone:
        variant.is_offered = False
        if variant.title in names:
            variant.title = f"{variant.title} ({variant.id.hex[-8:]})"
    renamed = [found for wanted, found, _p in pairs if found and found.title != wanted.title]
    for variant in renamed:
        variant.title = f"({variant.id.hex})"
    if renamed or gone:
        session.flush()

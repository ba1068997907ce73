"""What a company's own people read of their products, in whatever state."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.catalog.models import Category, ImportRun, Product, ProductState, Variant
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, decode_cursor, page_of

ROWS = 50


@dataclass(frozen=True)
class DeskRow:
    """A product as the company's list shows it; `available` is the sum over its variants."""

    id: uuid.UUID
    title: str
    slug: str
    state: ProductState
    price_from_minor: int
    currency: str
    variants: int
    available: int


def find_seller(slug: str) -> Company | None:
    """Return a company in whatever state."""
    return session.scalar(sa.select(Company).where(Company.slug == slug))


def list_desk_rows(
    company_id: uuid.UUID, *, search: str = "", after: str | None = None
) -> Page[DeskRow]:
    """Return a page of a company's products by title."""
    stock = (
        sa.select(
            sa.func.count().label("variants"),
            sa.func.coalesce(sa.func.sum(Variant.on_hand - Variant.reserved), 0).label("available"),
        )
        .where(Variant.product_id == Product.id, Variant.is_offered)
        .lateral()
    )
    rows = (
        sa.select(
            Product.id,
            Product.title,
            Product.slug,
            Product.state,
            Product.price_from_minor,
            Product.currency,
            stock.c.variants,
            stock.c.available,
        )
        .join(stock, sa.true())
        .where(Product.company_id == company_id)
        .order_by(Product.title, Product.id)
        .limit(ROWS + 1)
    )
    if search:
        pattern = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = rows.where(Product.title.ilike(f"%{pattern}%"))
    key = decode_cursor(after, 2)
    if key and (product_id := _uuid(str(key[1]))):
        rows = rows.where(sa.tuple_(Product.title, Product.id) > (str(key[0]), product_id))
    found = [DeskRow(*row) for row in session.execute(rows)]
    return page_of(found, ROWS, lambda row: (row.title, row.id))


def count_sold_out(company_id: uuid.UUID) -> int:
    """Return how many of a company's products are shown and can't be bought: nothing is left."""
    left = sa.exists().where(
        Variant.product_id == Product.id, Variant.is_offered, Variant.on_hand > Variant.reserved
    )
    shown = sa.select(sa.func.count()).where(
        Product.company_id == company_id, Product.state == ProductState.LIVE, ~left
    )
    return session.scalar(shown) or 0


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def get_own_product(company_id: uuid.UUID, product_id: uuid.UUID) -> Product:
    """Return a product of this company with its variants and picture.

    :raises NotFound: there is none, or it is another company's.
    """
    product = session.scalar(
        sa.select(Product)
        .where(Product.id == product_id, Product.company_id == company_id)
        .options(selectinload(Product.variants), joinedload(Product.photo))
        .execution_options(populate_existing=True)
    )
    if product is None:
        raise NotFound
    return product


def list_categories() -> Sequence[Category]:
    """Return all shelves in their order."""
    return session.scalars(sa.select(Category).order_by(Category.position, Category.slug)).all()


def lock_variants(product_id: uuid.UUID) -> Sequence[Variant]:
    """Return a product's variants, in the order in which they are locked."""
    mine = sa.select(Variant).where(Variant.product_id == product_id).order_by(Variant.id)
    return session.scalars(mine.with_for_update().execution_options(populate_existing=True)).all()


def get_import(company_id: uuid.UUID, run_id: uuid.UUID) -> ImportRun:
    """Return an import of this company.

    :raises NotFound: there is none, or it is another company's.
    """
    mine = sa.select(ImportRun).where(ImportRun.id == run_id, ImportRun.company_id == company_id)
    run = session.scalar(mine.execution_options(populate_existing=True))
    if run is None:
        raise NotFound
    return run


def list_imports(company_id: uuid.UUID, *, limit: int = 10) -> Sequence[ImportRun]:
    """Return a company's latest imports."""
    latest = (
        sa.select(ImportRun)
        .where(ImportRun.company_id == company_id)
        .order_by(ImportRun.created_at.desc(), ImportRun.id)
        .limit(limit)
    )
    return session.scalars(latest).all()

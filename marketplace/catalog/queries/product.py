"""Reads of one product."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.catalog.models import Product, ProductPhoto, ProductState
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.media.models import Photo


def find_product(slug: str) -> Product | None:
    """Return a product that is offered, with its company, shelf, picture and variants."""
    return session.scalar(
        sa.select(Product)
        .join(Product.company)
        .where(
            Product.slug == slug,
            Product.state == ProductState.LIVE,
            Company.state == CompanyState.VERIFIED,
        )
        .options(
            joinedload(Product.company),
            joinedload(Product.category),
            joinedload(Product.photo),
            selectinload(Product.variants),
        )
    )


def find_state(slug: str) -> ProductState | None:
    """Return the state of a product that may not be offered."""
    return session.scalar(sa.select(Product.state).where(Product.slug == slug))


def list_photos(product_id: uuid.UUID) -> Sequence[Photo]:
    """Return a product's further pictures."""
    return session.scalars(
        sa.select(Photo)
        .join(ProductPhoto, ProductPhoto.photo_id == Photo.id)
        .where(ProductPhoto.product_id == product_id)
        .order_by(ProductPhoto.position, Photo.id)
        .limit(12)
    ).all()

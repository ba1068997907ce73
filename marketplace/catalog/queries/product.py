"""Reads of one product."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from marketplace.catalog.models import Product, ProductPhoto, ProductState
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.media.models import Photo

# Made once: putting these together costs as much as asking them.
_PRODUCT = (
    sa.select(Product)
    .join(Product.company)
    .where(
        Product.slug == sa.bindparam("slug"),
        Product.state == ProductState.LIVE,
        Company.state == CompanyState.VERIFIED,
    )
    .options(
        contains_eager(Product.company),
        joinedload(Product.category),
        joinedload(Product.photo),
        selectinload(Product.variants),
    )
)
_PHOTOS = (
    sa.select(Photo)
    .join(ProductPhoto, ProductPhoto.photo_id == Photo.id)
    .where(ProductPhoto.product_id == sa.bindparam("product"))
    .order_by(ProductPhoto.position, Photo.id)
    .limit(12)
)


def find_product(slug: str) -> Product | None:
    """Return a product that is offered, with its company, shelf, picture and variants."""
    return session.scalar(_PRODUCT, {"slug": slug})


def find_state(slug: str) -> ProductState | None:
    """Return the state of a product that may not be offered."""
    return session.scalar(sa.select(Product.state).where(Product.slug == slug))


def list_photos(product_id: uuid.UUID) -> Sequence[Photo]:
    """Return a product's further pictures."""
    return session.scalars(_PHOTOS, {"product": product_id}).all()

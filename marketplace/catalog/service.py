"""Products are made, changed, published and withdrawn; stock goes up and down."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import Product, ProductPhoto, ProductState, Variant
from marketplace.catalog.policies import may_publish_product
from marketplace.catalog.queries import desk
from marketplace.companies import service as companies
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.reading.text import plain
from marketplace.core.rich_text import safe_html
from marketplace.core.slugs import slug_of, with_suffix
from marketplace.media.models import Photo

MOST_PHOTOS = 12


class NothingOffered(Conflict):
    """A product without an offered variant cannot be published."""

    message = _l("Offer at least one variant, with a price, before you publish.")


@dataclass(frozen=True)
class ProductFacts:
    """What a company says of a product; of the two pledges at most one, else the company's."""

    title: str
    summary: str
    description: str
    material: str
    category_id: uuid.UUID | None
    vat_bp: int
    pledge_bp: int | None = None
    pledge_unit_minor: int | None = None


@dataclass(frozen=True)
class VariantFacts:
    """A variant as a form says it; `id` is None for a new one.

    `on_hand_before` is what the form showed: stock changes by the difference, so that what was
    sold while the form was open stays sold.
    """

    id: uuid.UUID | None
    title: str
    sku: str
    price_minor: int
    is_offered: bool
    on_hand: int
    on_hand_before: int = 0


def create_product(
    *, company: Company, facts: ProductFacts, variants: Sequence[VariantFacts], now: datetime
) -> Product:
    """Make a draft.

    :raises Invalid: variants are missing or doubled.
    """
    _check(variants)
    product = Product(
        id=new_id(),
        company_id=company.id,
        slug="",
        state=ProductState.DRAFT,
        currency=company.currency,
        created_at=now,
        variants=[],
    )
    product.slug = _free_slug(facts.title, product.id)
    _tell(product, facts)
    session.add(product)
    session.flush()
    _arrange(product, [], variants)
    return product


def revise_product(
    *,
    product: Product,
    facts: ProductFacts,
    variants: Sequence[VariantFacts],
    by: User,
    now: datetime,
) -> None:
    """Change what a product says, its variants and their stock; its address stays.

    Another promise for something that was ever offered is written down for everybody.

    :raises Invalid: variants are missing or doubled, or more is reserved than would be there.
    :raises NotFound: a variant is not this product's.
    """
    _check(variants)
    there = desk.lock_variants(product.id)
    before = (product.pledge_bp, product.pledge_unit_minor)
    _tell(product, facts)
    _arrange(product, there, variants)
    if product.published_at is not None:
        companies.write_down_pledge(
            company_id=product.company_id,
            product_id=product.id,
            before=before,
            after=(product.pledge_bp, product.pledge_unit_minor),
            by=by,
            now=now,
        )


def publish_product(*, product: Product, now: datetime) -> None:
    """Offer a product.

    :raises NothingOffered: no variant of it is.
    """
    if product.state is ProductState.LIVE:
        return
    if not may_publish_product(product):
        raise NothingOffered
    product.state = ProductState.LIVE
    product.published_at = product.published_at or now


def withdraw_product(*, product: Product) -> None:
    """Take a product out of the shop, to work on it; what was ordered stays ordered."""
    product.state = ProductState.DRAFT


def archive_product(*, product: Product) -> None:
    """Take a product out of the shop and out of the way."""
    product.state = ProductState.ARCHIVED


def adjust_stock(*, variant_id: uuid.UUID, by: int) -> int:
    """Change how many pieces are on hand; return how many are there then.

    :raises Invalid: fewer would be there than are reserved by people who are paying.
    """
    changed: int | None = session.scalar(
        sa.update(Variant)
        .where(Variant.id == variant_id, Variant.on_hand + by >= Variant.reserved)
        .values(on_hand=Variant.on_hand + by)
        .returning(Variant.on_hand)
    )
    if changed is None:
        raise Invalid(fields={"variants": _reserved()})
    return changed


def show_photo(*, product: Product, photo: Photo) -> None:
    """Let a photo be the product's first; the one that was first becomes a further one.

    :raises Invalid: there are too many already.
    """
    further = session.scalars(
        sa.select(ProductPhoto.position).where(ProductPhoto.product_id == product.id)
    ).all()
    if len(further) + 1 >= MOST_PHOTOS:
        raise Invalid(fields={"photo": _l("A product has at most 12 photos.")})
    if product.photo_id:
        position = max(further, default=-1) + 1
        session.add(
            ProductPhoto(product_id=product.id, photo_id=product.photo_id, position=position)
        )
    product.photo_id = photo.id


def drop_photo(*, product: Product, photo_id: uuid.UUID) -> None:
    """Take a photo away; if it was the first, the next one moves up.

    :raises NotFound: it is not this product's.
    """
    further = session.scalars(
        sa.select(ProductPhoto)
        .where(ProductPhoto.product_id == product.id)
        .order_by(ProductPhoto.position, ProductPhoto.photo_id)
    ).all()
    gone = next((one for one in further if one.photo_id == photo_id), None)
    if photo_id == product.photo_id:
        gone = further[0] if further else None
        product.photo_id = gone.photo_id if gone else None
    elif gone is None:
        raise NotFound
    if gone:
        session.delete(gone)


def _tell(product: Product, facts: ProductFacts) -> None:
    product.title = facts.title
    product.summary = facts.summary
    product.description_html = safe_html(plain(facts.description))
    product.material = facts.material
    product.category_id = facts.category_id
    product.vat_bp = facts.vat_bp
    product.pledge_bp = facts.pledge_bp
    product.pledge_unit_minor = facts.pledge_unit_minor


def _check(variants: Sequence[VariantFacts]) -> None:
    titles = [variant.title for variant in variants]
    if not variants:
        raise Invalid(fields={"variants": _l("A product needs at least one variant.")})
    if len(set(titles)) < len(titles):
        raise Invalid(fields={"variants": _l("Give each variant a name of its own.")})


def _arrange(product: Product, there: Sequence[Variant], wanted: Sequence[VariantFacts]) -> None:
    """Bring the variants in line; those that the form does not name are withdrawn."""
    known = {variant.id: variant for variant in there}
    if any(facts.id and facts.id not in known for facts in wanted):
        raise NotFound
    kept = {facts.id for facts in wanted}
    for variant in there:
        variant.is_offered = variant.is_offered and variant.id in kept
        # Names may change hands: the database looks at each row as it is written.
        variant.title = f"({variant.id.hex})" if variant.id in kept else variant.title
    _free_names(there, kept, {facts.title for facts in wanted})
    session.flush()
    for position, facts in enumerate(wanted):
        found = known.get(facts.id) if facts.id else None
        if found is None:
            found = Variant(id=new_id(), product_id=product.id, on_hand=0, reserved=0)
            session.add(found)
        _set(found, facts, position)
    session.flush()
    product.price_from_minor = _lowest_price(wanted)
    session.flush()
    session.refresh(product, ["variants"])


def _free_names(there: Sequence[Variant], kept: set[uuid.UUID | None], wanted: set[str]) -> None:
    for variant in there:
        if variant.id not in kept and variant.title in wanted:
            variant.title = f"{variant.title} ({variant.id.hex[-8:]})"


def _set(variant: Variant, facts: VariantFacts, position: int) -> None:
    on_hand = variant.on_hand + facts.on_hand - facts.on_hand_before
    if on_hand < variant.reserved:
        raise Invalid(fields={"variants": _reserved()})
    variant.title = facts.title
    variant.sku = facts.sku
    variant.price_minor = facts.price_minor
    variant.is_offered = facts.is_offered
    variant.on_hand = on_hand
    variant.position = position


def _reserved() -> object:
    return _l("Somebody is paying for some of these pieces. Leave at least those in stock.")


def _lowest_price(variants: Sequence[VariantFacts]) -> int:
    offered = [variant.price_minor for variant in variants if variant.is_offered]
    return min(offered or [variant.price_minor for variant in variants])


def _free_slug(title: str, product_id: uuid.UUID) -> str:
    slug = slug_of(title, fallback="product")
    is_taken = session.scalar(sa.select(Product.id).where(Product.slug == slug))
    return with_suffix(slug, product_id.hex) if is_taken else slug

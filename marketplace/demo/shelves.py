"""Shelves full of products, for measuring: plain things of plain companies, the same every time."""

import random
import sys
import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from tqdm import tqdm

from marketplace.catalog.models import Category, Product, ProductState, Variant
from marketplace.companies.models import Company, CompanyState
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.giving import service as giving
from marketplace.projects.models import Project, ProjectState

COMPANIES = 20
CATEGORIES = 50
BATCH = 500
ON_HAND = 10_000

KINDS = ("Mug", "Bowl", "Towel", "Scarf", "Candle", "Soap", "Honey", "Lamp", "Basket", "Notebook")
MATERIALS = ("linen", "oak", "stoneware", "wool", "beeswax", "olive wood", "glass", "cotton")
MANNERS = ("striped", "plain", "tall", "round", "folded", "glazed", "woven", "turned", "small")


def fill(count: int) -> None:
    """Fill up to so many products, over 20 companies and 50 categories.

    :raises sqlalchemy.exc.NoResultFound: there is no open project to give to.
    """
    there = session.scalar(sa.select(sa.func.count()).select_from(Product)) or 0
    session.rollback()
    companies, categories = _companies(), _categories()
    dice = random.Random(there)  # noqa: S311  # not for secrets: the same products every time
    missing = range(there, count)
    with tqdm(total=len(missing), desc="Products", file=sys.stderr, disable=None) as bar:
        for begin in range(0, len(missing), BATCH):
            batch = missing[begin : begin + BATCH]
            with atomic():
                rows = [_product(place, companies, categories, dice) for place in batch]
                session.execute(sa.insert(Product), rows)
                session.execute(sa.insert(Variant), [_variant(row) for row in rows])
            bar.update(len(batch))


def _companies() -> list[uuid.UUID]:
    with atomic():
        found = list(session.scalars(sa.select(Company.id).order_by(Company.slug)))
        project = session.scalars(
            sa.select(Project.id)
            .where(Project.state == ProjectState.OPEN)
            .order_by(Project.slug)
            .limit(1)
        ).one()
        for number in range(len(found) + 1, COMPANIES + 1):
            company = Company(
                id=new_id(),
                slug=f"workshop-{number}",
                name=f"Workshop {number}",
                tagline="Plain things, made well",
                city="Torino",
                currency="EUR",
                pledge_bp=100 * (number % 10 + 3),
                shipping_minor=490,
                free_shipping_from_minor=9000,
                state=CompanyState.VERIFIED,
                verified_at=now(),
                created_at=now(),
            )
            session.add(company)
            session.flush()
            giving.set_defaults(company_id=company.id, project_ids=[project])
            found.append(company.id)
    return found


def _categories() -> list[uuid.UUID]:
    with atomic():
        found = list(session.scalars(sa.select(Category.id).order_by(Category.slug)))
        for number in range(len(found) + 1, CATEGORIES + 1):
            names = {f"name_{language}": f"Shelf {number}" for language in ("en", "fr", "it")}
            shelf = Category(id=new_id(), slug=f"shelf-{number}", position=number, **names)
            session.add(shelf)
            found.append(shelf.id)
    return found


def _product(
    place: int,
    companies: Sequence[uuid.UUID],
    categories: Sequence[uuid.UUID],
    dice: random.Random,
) -> dict[str, object]:
    kind, material, manner = (dice.choice(words) for words in (KINDS, MATERIALS, MANNERS))
    title = f"{manner.capitalize()} {material} {kind.lower()} {place}"
    published_at = now() - timedelta(minutes=97 * place)
    return {
        "id": new_id(),
        "company_id": companies[place % len(companies)],
        "category_id": categories[place * 7 % len(categories)],
        "slug": f"{manner}-{material}-{kind}-{place}".lower().replace(" ", "-"),
        "title": title,
        "summary": f"A {manner} {kind.lower()} of {material}, made by hand in small numbers.",
        "description_html": f"<p>{title}: every piece differs a little from its sisters.</p>",
        "material": material,
        "state": ProductState.LIVE,
        "currency": "EUR",
        "vat_bp": 2200,
        "price_from_minor": dice.randrange(500, 20_000, 10),
        "created_at": published_at,
        "published_at": published_at,
    }


def _variant(product: dict[str, object]) -> dict[str, object]:
    return {
        "id": new_id(),
        "product_id": product["id"],
        "sku": str(product["slug"]).upper(),
        "title": "",
        "position": 0,
        "price_minor": product["price_from_minor"],
        "on_hand": ON_HAND,
    }

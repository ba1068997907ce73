"""Reads of what a list can be narrowed to."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog.models import Category
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.remembered import Remembered

MOST_COMPANIES = 200
"""More do not fit into a choice; the others are found by their own page."""


@dataclass(frozen=True)
class Shelf:
    """A category as a list names it."""

    id: uuid.UUID
    slug: str
    name_en: str
    name_fr: str
    name_it: str

    def name_in(self, language: str) -> str:
        """Return the name in a language, in English where there is none."""
        return {"fr": self.name_fr, "it": self.name_it}.get(language) or self.name_en


@dataclass(frozen=True)
class CompanyChoice:
    """A company as a list names it."""

    id: uuid.UUID
    slug: str
    name: str


_SHELVES = sa.select(
    Category.id, Category.slug, Category.name_en, Category.name_fr, Category.name_it
).order_by(Category.position, Category.slug)
_COMPANIES = (
    sa.select(Company.id, Company.slug, Company.name)
    .where(Company.state == CompanyState.VERIFIED)
    .order_by(Company.name, Company.slug)
    .limit(MOST_COMPANIES)
)


@Remembered
def list_shelves() -> Sequence[Shelf]:
    """Return all categories in the shop's order."""
    return [Shelf(*row) for row in session.execute(_SHELVES)]


@Remembered
def list_companies_selling() -> Sequence[CompanyChoice]:
    """Return the companies that may sell, by name."""
    return [CompanyChoice(*row) for row in session.execute(_COMPANIES)]

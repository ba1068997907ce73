"""Reads for pages that show something of everything."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.catalog.models import Product, ProductState
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.projects.models import Project, ProjectState

SITEMAP_BATCH = 1_000
MOST_ADDRESSES = 49_000
"""Sitemaps end at 50 000 addresses; the newest come first."""


@dataclass(frozen=True)
class ProjectCard:
    """What the home page shows of a project; the person answers for it."""

    id: uuid.UUID
    slug: str
    title: str
    summary: str
    organisation: str
    place: str
    currency: str
    goal_minor: int
    photo_key: str | None
    photo_widths: list[int] | None
    person: str | None
    person_title: str | None


@dataclass(frozen=True)
class Standing:
    """What stands on all accounts of one purpose together: credits less debits."""

    purpose: str
    nature: str
    balance_minor: int


_PROJECTS = sa.text(
    """select project.id, project.slug, project.title, project.summary, project.organisation,
        project.place, project.currency, project.goal_minor, photo.key, photo.widths,
        owner.name, owner.title
    from (
        select * from project where state = 'open' and verified_at is not null
        order by (photo_id is not null) desc, created_at desc, id desc limit :limit
    ) project
    left join photo on photo.id = project.photo_id
    left join lateral (
        select user_account.name, project_owner.title from project_owner
        join user_account on user_account.id = project_owner.user_id
        where project_owner.project_id = project.id
        order by project_owner.created_at, user_account.id limit 1
    ) owner on true
    order by (project.photo_id is not null) desc, project.created_at desc, project.id desc"""
).columns(*map(sa.column, ProjectCard.__annotations__))
_STANDINGS = sa.text(
    "select purpose, min(nature), sum(balance_minor)::bigint from ledger_account_balance "
    "where currency = :currency group by purpose order by min(nature), purpose"
)


def list_projects_to_show(*, limit: int = 4) -> Sequence[ProjectCard]:
    """Return projects that can be chosen, those with a photo first, then the newest."""
    return [ProjectCard(*row) for row in session.execute(_PROJECTS, {"limit": limit})]


def list_standings(currency: str) -> Sequence[Standing]:
    """Return the whole book by purpose: all balances of a currency add up to zero."""
    return [Standing(*row) for row in session.execute(_STANDINGS, {"currency": currency})]


def list_addresses() -> Iterator[str]:
    """Yield the address of every public thing, the newest first, a batch at a time."""
    left = MOST_ADDRESSES
    for prefix, query, id_column in _ADDRESSED:
        last: uuid.UUID | None = None
        while left > 0:
            batch = query.limit(min(SITEMAP_BATCH, left))
            rows = session.execute(batch.where(id_column < last) if last else batch).all()
            yield from (f"{prefix}/{slug}" for slug, _id in rows)
            left -= len(rows)
            if len(rows) < SITEMAP_BATCH:
                break
            last = rows[-1][1]


_ADDRESSED = (
    (
        "/companies",
        sa.select(Company.slug, Company.id)
        .where(Company.state == CompanyState.VERIFIED)
        .order_by(Company.id.desc()),
        Company.id,
    ),
    (
        "/projects",
        sa.select(Project.slug, Project.id)
        .where(
            Project.state.in_(
                [ProjectState.OPEN, ProjectState.FULL, ProjectState.PAUSED, ProjectState.CLOSED]
            )
        )
        .order_by(Project.id.desc()),
        Project.id,
    ),
    (
        "/products",
        sa.select(Product.slug, Product.id)
        .join(Product.company)
        .where(Product.state == ProductState.LIVE, Company.state == CompanyState.VERIFIED)
        .order_by(Product.id.desc()),
        Product.id,
    ),
)

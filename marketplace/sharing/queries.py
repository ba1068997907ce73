"""What is new at companies, and what projects have planned for which day."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from marketplace.core.db import session

NEWEST = 30


@dataclass(frozen=True)
class Offered:
    """A product that a company began to offer."""

    id: uuid.UUID
    company: str
    company_slug: str
    slug: str
    title: str
    summary: str
    at: datetime
    pledge_bp: int | None
    pledge_unit_minor: int | None
    """What is given of it, by its own pledge or the company's."""
    currency: str


_OFFERED = sa.text(
    """
    select product.id, company.name, company.slug, product.slug, product.title,
        product.summary, product.published_at,
        case when product.pledge_unit_minor is null
            then coalesce(product.pledge_bp, company.pledge_bp) end,
        case when product.pledge_bp is null
            then coalesce(product.pledge_unit_minor, company.pledge_unit_minor) end,
        product.currency
    from product join company on company.id = product.company_id
    where product.state = 'live' and company.state = 'verified'
        and product.published_at is not null
        and (cast(:company as uuid) is null or company.id = :company)
    order by product.published_at desc, product.id desc limit :limit
    """
)


def list_offered(company_id: uuid.UUID | None = None, *, limit: int = NEWEST) -> Sequence[Offered]:
    """Return the newest products of a company, or of all, the newest first."""
    rows = session.execute(_OFFERED, {"company": company_id, "limit": limit})
    return [Offered(*row) for row in rows]


@dataclass(frozen=True)
class Goal:
    """What a project wants to have reached on a day."""

    id: uuid.UUID
    on: date
    title: str
    unit: str
    target: Decimal | None
    """None for a milestone."""
    reached_on: date | None = None


_GOALS = sa.text(
    """
    select id, target_on as on_day, title, unit, target, null::date from indicator
    where project_id = :project
        and target_on is not null and target is not null and ended_at is null
    union all
    select id, coalesce(reached_on, due_on), title, '', null, reached_on from milestone
    where project_id = :project and (due_on is not null or reached_on is not null)
    order by on_day, id
    """
)


def list_goals(project_id: uuid.UUID) -> Sequence[Goal]:
    """Return what a project wants to have reached when, and the milestones that it has reached."""
    return [Goal(*row) for row in session.execute(_GOALS, {"project": project_id})]

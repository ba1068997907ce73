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
class News:
    """Something that a company published."""

    what: str
    """`report`, `restated` (a later version of one) or `product`."""
    id: uuid.UUID
    company: str
    company_slug: str
    slug: str
    title: str
    text: str
    """A report's first words or why it was restated, as Markdown; a product's sentence."""
    at: datetime
    pledge_bp: int | None
    pledge_unit_minor: int | None
    """What is given of the product, by its own pledge or the company's."""
    currency: str


_NEWS = sa.text(
    """
    (select case version.number when 1 then 'report' else 'restated' end, version.id, company.name,
        company.slug, report.slug, version.title, coalesce(nullif(version.reason, ''), (
            select text from report_section section
            where section.version_id = version.id and is_shown and text <> ''
            order by position limit 1
        ), ''), version.published_at, null::int, null::bigint, report.currency
    from report_version version
    join report on report.id = version.report_id
    join company on company.id = report.company_id
    where version.state = 'published' and company.state in ('verified', 'suspended')
        and (cast(:company as uuid) is null or company.id = :company)
    order by version.published_at desc limit :limit)
    union all
    (select 'product', product.id, company.name, company.slug, product.slug, product.title,
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
    order by product.published_at desc, product.id desc limit :limit)
    order by 8 desc limit :limit
    """
)


def list_news(company_id: uuid.UUID | None = None, *, limit: int = NEWEST) -> Sequence[News]:
    """Return the newest reports and products of a company, or of all, the newest first."""
    return [News(*row) for row in session.execute(_NEWS, {"company": company_id, "limit": limit})]


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

"""Which pools add something at a moment; never kept, as what is left changes all the time."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased, joinedload

from marketplace.campaigns.models import Pool, PoolProject, Sponsor
from marketplace.campaigns.queries.pools import REST
from marketplace.campaigns.rules import Offer, PoolState, Scope
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.projects.models import Project

_COMPANY = aliased(Company)
_LEFT = REST - Pool.claimed_minor
_RUNS = (
    Pool.state == PoolState.FUNDED,
    Pool.currency == sa.bindparam("currency"),
    Pool.starts_at <= sa.bindparam("now"),
    Pool.ends_at > sa.bindparam("now"),
    _LEFT > 0,
    sa.or_(
        Pool.company_id.is_(None),
        sa.exists()
        .where(_COMPANY.id == Pool.company_id, _COMPANY.state == CompanyState.VERIFIED)
        .correlate(Pool),
    ),
)
ANY_RUNNING = sa.select(sa.exists().where(*_RUNS)).scalar_subquery()
"""Whether any pool runs, for a statement that is asked anyway; it wants `currency` and `now`."""


ANY_FUNDED = sa.select(sa.exists().where(Pool.state == PoolState.FUNDED)).scalar_subquery()
"""Whether any pool may run, now or soon: where there is none, nobody need ask which."""


_OFFERS = (
    sa.select(
        Pool.id,
        Pool.slug,
        sa.func.coalesce(Company.name, Sponsor.name),
        Pool.ratio_bp,
        Pool.cap_minor,
        Pool.with_gifts,
        _LEFT,
        Pool.ends_at,
        sa.func.array_agg(Project.id),
    )
    .outerjoin(Company, Company.id == Pool.company_id)
    .outerjoin(Sponsor, Sponsor.id == Pool.sponsor_id)
    .join(
        Project,
        sa.and_(
            Project.id == sa.func.any(sa.bindparam("projects", type_=ARRAY(sa.Uuid))),
            sa.or_(
                Pool.scope == Scope.ALL,
                Pool.cause_id == Project.cause_id,
                sa.exists().where(
                    PoolProject.pool_id == Pool.id, PoolProject.project_id == Project.id
                ),
            ),
        ),
    )
    .where(*_RUNS)
    .group_by(Pool.id, Company.id, Sponsor.id)
    .order_by(Pool.ends_at, Pool.id)
)


def find_offers(currency: str, project_ids: Collection[uuid.UUID], now: datetime) -> list[Offer]:
    """Return the pools that add to some projects, the one that ends first first."""
    if not project_ids:
        return []
    rows = session.execute(
        _OFFERS, {"currency": currency, "projects": list(project_ids), "now": now}
    )
    return [Offer(*row[:-1], projects=frozenset(row[-1])) for row in rows]


_RUNNING = (
    sa.select(Pool)
    .where(*_RUNS)
    .options(joinedload(Pool.company), joinedload(Pool.sponsor), joinedload(Pool.cause))
    .order_by(Pool.ends_at, Pool.id)
    .limit(20)
)


def list_running(currency: str, now: datetime) -> list[Pool]:
    """Return the pools that run, with sponsor and cause, the one that ends first first."""
    rows = session.scalars(
        _RUNNING, {"currency": currency, "now": now}, execution_options={"populate_existing": True}
    )
    return list(rows)

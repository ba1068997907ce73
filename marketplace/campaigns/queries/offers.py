"""Which pools add something at a moment; never kept, as what is left changes all the time."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from marketplace.campaigns.models import Pool, PoolProject, Sponsor
from marketplace.campaigns.queries.pools import REST
from marketplace.campaigns.rules import Offer, PoolState, Scope, match_minor
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.projects.models import Project

# Of the tables' own columns: rows of these are read on every page of a purchase, and an entity
# costs several times as much.
_POOL, _COMPANY, _SPONSOR = Pool.__table__, Company.__table__, Sponsor.__table__
_PROJECT, _NAMED = Project.__table__.c, PoolProject.__table__.c
_FUNDER = _COMPANY.alias("funder")
_LEFT = REST - _POOL.c.claimed_minor
_RUNS = (
    _POOL.c.state == PoolState.FUNDED,
    _POOL.c.currency == sa.bindparam("currency"),
    _POOL.c.starts_at <= sa.bindparam("now"),
    _POOL.c.ends_at > sa.bindparam("now"),
    _LEFT > 0,
    sa.or_(
        _POOL.c.company_id.is_(None),
        sa.exists()
        .where(_FUNDER.c.id == _POOL.c.company_id, _FUNDER.c.state == CompanyState.VERIFIED)
        .correlate(_POOL),
    ),
)
ANY_RUNNING = sa.select(sa.exists().where(*_RUNS)).scalar_subquery()
"""Whether any pool runs, for a statement that is asked anyway; it wants `currency` and `now`."""


ANY_FUNDED = sa.select(sa.exists().where(_POOL.c.state == PoolState.FUNDED)).scalar_subquery()
"""Whether any pool may run, now or soon: where there is none, nobody need ask which."""

_SPONSORED = _POOL.outerjoin(_COMPANY, _COMPANY.c.id == _POOL.c.company_id).outerjoin(
    _SPONSOR, _SPONSOR.c.id == _POOL.c.sponsor_id
)
_SPONSOR_NAME = sa.func.coalesce(_COMPANY.c.name, _SPONSOR.c.name)

_OFFERS = (
    sa.select(
        _POOL.c.id,
        _POOL.c.slug,
        _SPONSOR_NAME,
        _POOL.c.ratio_bp,
        _POOL.c.cap_minor,
        _POOL.c.with_gifts,
        _LEFT,
        _POOL.c.ends_at,
        sa.func.array_agg(_PROJECT.id),
    )
    .select_from(
        _SPONSORED.join(
            Project.__table__,
            sa.and_(
                _PROJECT.id == sa.func.any(sa.bindparam("projects", type_=ARRAY(sa.Uuid))),
                sa.or_(
                    _POOL.c.scope == Scope.ALL,
                    _POOL.c.cause_id == _PROJECT.cause_id,
                    sa.exists().where(
                        _NAMED.pool_id == _POOL.c.id, _NAMED.project_id == _PROJECT.id
                    ),
                ),
            ),
        )
    )
    .where(*_RUNS)
    .group_by(_POOL.c.id, _COMPANY.c.id, _SPONSOR.c.id)
    .order_by(_POOL.c.ends_at, _POOL.c.id)
)


def find_offers(currency: str, project_ids: Collection[uuid.UUID], now: datetime) -> list[Offer]:
    """Return the pools that add to some projects, the one that ends first first."""
    if not project_ids:
        return []
    rows = session.execute(
        _OFFERS, {"currency": currency, "projects": list(project_ids), "now": now}
    )
    return [Offer(*[*row[:-1], frozenset(row[-1])]) for row in rows]


@dataclass(frozen=True)
class Running:
    """A pool that runs, told of before anything is chosen; amounts in minor units."""

    slug: str
    title: str
    sponsor_name: str
    scope: Scope
    ratio_bp: int
    cap_minor: int | None
    """Of one order."""
    left_minor: int

    def adds_to(self, base_minor: int) -> int:
        """Return what it would add to an amount of one order."""
        return match_minor(
            base_minor,
            ratio_bp=self.ratio_bp,
            cap_minor=self.cap_minor,
            left_minor=self.left_minor,
        )


_RUNNING = (
    sa.select(
        _POOL.c.slug,
        _POOL.c.title,
        _SPONSOR_NAME,
        _POOL.c.scope,
        _POOL.c.ratio_bp,
        _POOL.c.cap_minor,
        _LEFT,
    )
    .select_from(_SPONSORED)
    .where(*_RUNS)
    .order_by(_POOL.c.ends_at, _POOL.c.id)
    .limit(20)
)


def list_running(currency: str, now: datetime) -> list[Running]:
    """Return the pools that run, with who funds them, the one that ends first first."""
    return [Running(*row) for row in session.execute(_RUNNING, {"currency": currency, "now": now})]

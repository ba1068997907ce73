"""Pools with money, made the way the desk makes them."""

import uuid
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from marketplace.accounts.models import User
from marketplace.campaigns import service
from marketplace.campaigns.models import Pool
from marketplace.campaigns.rules import Scope
from marketplace.campaigns.service.funding import Terms
from marketplace.companies.models import Company
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose
from tests import factories

_numbers = count(1)


def terms(**changes: Any) -> Terms:  # Any: the fields of Terms
    """Return terms that double everything for a month."""
    now = clock.now()
    said = {
        "title": f"Doubled {next(_numbers)}",
        "about": "",
        "ratio_bp": 10_000,
        "cap_minor": None,
        "guarantee_minor": 0,
        "with_gifts": False,
        "scope": Scope.ALL,
        "cause": "",
        "projects": (),
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=30),
    }
    return Terms(**said | changes)


def earn(company: Company, minor: int) -> None:
    """Let a company have something available, as sales would."""
    with atomic():
        ledger.post(
            kind=Kind.CAPTURE,
            effect_key=f"earned:{uuid.uuid4()}",
            currency=company.currency,
            entries=[Entry(CLEARING, AccountKey(Purpose.COMPANY_AVAILABLE, company.id), minor)],
            effective_at=clock.now(),
        )


def make_pool(
    company: Company, budget_minor: int = 10_000, *, by: User | None = None, **changes: Any
) -> Pool:  # Any: the fields of Terms
    """Open a pool and pay it in, out of money that the company has available."""
    by = by or factories.make_user()
    with atomic():
        pool = service.draft(company=company, terms=terms(**changes), by=by, now=clock.now())
    if budget_minor:
        earn(company, budget_minor)
        fund(pool, budget_minor, by=by)
    return seen(pool)


def fund(pool: Pool, minor: int, *, by: User, seen_minor: int | None = None) -> None:
    with atomic():
        service.fund(
            pool_id=pool.id,
            amount_minor=minor,
            seen_budget_minor=pool.budget_minor if seen_minor is None else seen_minor,
            by=by,
            now=clock.now(),
        )


def seen(pool: Pool) -> Pool:
    """Return a pool as it is now."""
    return session.get_one(Pool, pool.id, populate_existing=True)


def over(pool: Pool) -> datetime:
    """Return a moment at which a pool's time is over."""
    return pool.ends_at + timedelta(seconds=1)

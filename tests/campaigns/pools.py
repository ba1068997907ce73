"""Pools with money, made the way the desk makes them."""

import uuid
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from marketplace.accounts.models import User
from marketplace.campaigns import service
from marketplace.campaigns.models import Pool, PoolPayment, Sponsor
from marketplace.campaigns.rules import Scope, SponsorKind
from marketplace.campaigns.service.funding import Terms
from marketplace.checkout import jobs
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


def make_sponsor(user: User, name: str = "Fondazione Riva") -> Sponsor:
    """Admit somebody as a sponsor that is no company."""
    with atomic():
        operator = factories.make_user(is_operator=True)
        made = service.introduce(name=name, kind=SponsorKind.FOUNDATION, by=user, now=clock.now())
        return service.decide(
            sponsor_id=made.id, is_admitted=True, reason="Seen", by=operator, now=clock.now()
        )


def make_sponsored(sponsor: Sponsor, by: User, **changes: Any) -> Pool:  # Any: fields of Terms
    """Open a sponsor's pool; nothing is in it yet."""
    with atomic():
        return service.draft(
            sponsor=sponsor, currency="EUR", terms=terms(**changes), by=by, now=clock.now()
        )


def ask_to_pay(pool: Pool, minor: int, by: User, key: str = "") -> uuid.UUID:
    """Open the provider's page for a payment into a pool; return our row's id."""
    with atomic():
        row, sending = service.pay_in(
            pool_id=pool.id,
            amount_minor=minor,
            form_key=key or str(uuid.uuid4()),
            by=by.id,
            email=by.email,
            locale="en",
            return_url="http://localhost/account/pools/x/paid/{payment}",
            now=clock.now(),
        )
        row_id = row.id
    if sending is not None:
        jobs.send(sending)
    return row_id


def payment(row_id: uuid.UUID) -> PoolPayment:
    """Return a sponsor's payment as it is now."""
    session.rollback()
    return session.get_one(PoolPayment, row_id, populate_existing=True)


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

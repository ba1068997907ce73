"""Matching pools of the demo world: one is over, one runs, one pauses, one begins soon."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.campaigns import queries, service
from marketplace.campaigns.models import Sponsor
from marketplace.campaigns.rules import Scope, SponsorKind
from marketplace.campaigns.service import Terms
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.demo.world import OPERATOR, SHOPPER, World
from marketplace.ledger import queries as ledger
from marketplace.ledger.rules import AccountKey, Purpose
from marketplace.payments import gateway
from marketplace.payments.models import ProviderCommand
from marketplace.payouts import queries as payouts
from marketplace.people import queries as people
from marketplace.people.rules import TeamKind

WEAVER, ROASTER = "tessitura-arbosca", "torrefazione-calmiera"


def open_first(world: World, at: datetime) -> None:
    """Let one company double what went to two projects for a month, with a guarantee."""
    _open(
        world,
        ROASTER,
        Terms(
            title="Springs and bread, doubled",
            about="Our beans need clean water long before they are roasted.",
            ratio_bp=10_000,
            cap_minor=500,
            guarantee_minor=2_500,
            with_gifts=False,
            scope=Scope.PROJECTS,
            cause="",
            projects=["riwa-springs", "officina-aurora"],
            starts_at=_midnight(at),
            ends_at=_midnight(at) + timedelta(days=31),
        ),
        most_minor=6_000,
        at=at,
    )


def open_second(world: World, at: datetime) -> None:
    """Let another company add half of everything, gifts included, until next month."""
    _open(
        world,
        WEAVER,
        Terms(
            title="Half as much again, until the new year",
            about="We had a good autumn. Whatever you route anywhere, we add half of it.",
            ratio_bp=5_000,
            cap_minor=1_000,
            guarantee_minor=0,
            with_gifts=True,
            scope=Scope.ALL,
            cause="",
            projects=[],
            starts_at=_midnight(at),
            ends_at=_midnight(world.now) + timedelta(days=40),
        ),
        most_minor=40_000,
        at=at,
    )


def open_disputed(world: World, bank: Bank, at: datetime) -> None:
    """Let a foundation pay in a pool whose payment its bank will not recognise."""
    _pay_in(
        bank,
        _foundation(at),
        Terms(
            title="A foundation doubles the autumn",
            about="Until the feast of lights we double what goes anywhere.",
            ratio_bp=10_000,
            cap_minor=2_000,
            guarantee_minor=0,
            with_gifts=False,
            scope=Scope.ALL,
            cause="",
            projects=[],
            starts_at=_midnight(at),
            ends_at=_midnight(world.now) + timedelta(days=8),
        ),
        30_000,
        at,
    )


def open_sponsored(world: World, bank: Bank, at: datetime) -> None:
    """Let a shopper who acts for a foundation pay in a pool that begins next week."""
    _pay_in(
        bank,
        _foundation(at),
        Terms(
            title="A foundation doubles the winter",
            about="From the feast of lights to the end of February we double what goes anywhere.",
            ratio_bp=10_000,
            cap_minor=2_000,
            guarantee_minor=0,
            with_gifts=False,
            scope=Scope.ALL,
            cause="",
            projects=[],
            starts_at=_midnight(world.now) + timedelta(days=8),
            ends_at=_midnight(world.now) + timedelta(days=98),
        ),
        50_000,
        at,
    )


def _foundation(at: datetime) -> Sponsor:
    """Return the foundation that a shopper acts for, admitted when it is asked for first."""
    shopper = session.scalars(sa.select(User).where(User.email == SHOPPER)).one()
    operator = session.scalars(sa.select(User).where(User.email == OPERATOR)).one()
    known = queries.find_sponsor(shopper.id)
    session.rollback()
    if known is not None:
        return known
    with atomic():
        made = service.introduce(
            name="Fondazione Riva Alta", kind=SponsorKind.FOUNDATION, by=shopper, now=at
        )
        return service.decide(
            sponsor_id=made.id,
            is_admitted=True,
            reason="Register of foundations",
            by=operator,
            now=at,
        )


def _pay_in(bank: Bank, sponsor: Sponsor, terms: Terms, amount_minor: int, at: datetime) -> None:
    """Open a sponsor's pool and pay it in beside the provider's page."""
    shopper = session.scalars(sa.select(User).where(User.email == SHOPPER)).one()
    session.rollback()
    with atomic():
        pool = service.draft(sponsor=sponsor, currency="EUR", terms=terms, by=shopper, now=at)
        row, _sending = service.pay_in(
            pool_id=pool.id,
            amount_minor=amount_minor,
            form_key=f"demo-{pool.slug}",
            by=shopper.id,
            email=shopper.email,
            locale="en",
            return_url="http://localhost/",
            now=at,
        )
    paid = bank.pay(row.id, amount_minor, "EUR", about="pool_payment")
    seen = gateway.current().fetch_payment(paid)
    with atomic():
        service.settle(seen=seen, now=at)
        session.execute(
            sa.delete(ProviderCommand).where(ProviderCommand.subject_id == row.id)
        )  # nobody was sent to the page: it was paid beside it


def end_due(at: datetime) -> None:
    """End the pools whose time is over."""
    due = queries.list_to_end(at)
    session.rollback()
    for pool_id in due:
        with atomic():
            service.end_due(pool_id=pool_id, now=at)


def _open(world: World, slug: str, terms: Terms, *, most_minor: int, at: datetime) -> None:
    """Open a pool and pay in what its company has available, up to a limit."""
    company = world.companies[slug]
    owner = payouts.list_owners(people.get_team(TeamKind.COMPANY, slug))[0].user
    available = AccountKey(Purpose.COMPANY_AVAILABLE, company.id)
    amount = min(ledger.find_balance(available, company.currency), most_minor)
    session.rollback()
    with atomic():
        kept = replace(terms, guarantee_minor=min(terms.guarantee_minor, amount))
        pool = service.draft(company=company, terms=kept, by=owner, now=at)
        service.fund(pool_id=pool.id, amount_minor=amount, seen_budget_minor=0, by=owner, now=at)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(), UTC)

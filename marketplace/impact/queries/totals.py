"""What became of the money, from the ledger's roll-ups: the one definition of every public total.

Balances tell what waits; what was paid out is told by the months of the accounts in flight, of
which there are few, however much was sold. What is confirmed is then what is available, under way
and paid out together: the book is double, so this is what was released less what was taken back
afterwards.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.orders.queries.given import STANDING
from marketplace.projects.models import SPENDING_COUNTS


@dataclass(frozen=True)
class ProjectTotals:
    """A project's money in its currency's minor units."""

    pending_minor: int = 0
    """Held until orders can no longer be returned, or until a dispute ends."""
    available_minor: int = 0
    """Confirmed, and waits for its payout (or is under way)."""
    paid_out_minor: int = 0
    """Confirmed by the payment provider as paid."""
    spent_minor: int = 0
    """With receipts; a project may have spent money that came from elsewhere."""

    @property
    def confirmed_minor(self) -> int:
        """Return what was raised: what can no longer be taken back by a return."""
        return self.available_minor + self.paid_out_minor

    @property
    def given_minor(self) -> int:
        """Return all of it: pending and confirmed."""
        return self.pending_minor + self.confirmed_minor

    @property
    def held_minor(self) -> int:
        """Return what is with us still, pending or confirmed."""
        return self.pending_minor + self.available_minor

    @property
    def spent_of_paid_minor(self) -> int:
        """Return what was spent of the money that came from here."""
        return min(self.spent_minor, self.paid_out_minor)

    @property
    def unspent_minor(self) -> int:
        """Return what was paid out and is not spent yet."""
        return self.paid_out_minor - self.spent_of_paid_minor


@dataclass(frozen=True)
class PlatformTotals:
    """Everything that was given here in one currency; `counted_at` is the moment of the count."""

    counted_at: datetime
    since: date | None
    """The day of the first payment."""
    companies: int
    """How many companies sold something."""
    projects: int
    """How many projects were given something."""
    pending_minor: int
    available_minor: int
    paid_out_minor: int
    spent_minor: int
    """Of what was paid out, project by project."""
    own_gifts_minor: int
    """Of all that was given, shoppers' own gifts: never counted as a company's."""
    matched_minor: int = 0
    """Of all that was given, what sponsors' pools added."""

    @property
    def given_minor(self) -> int:
        """Return all of it: pending, confirmed and paid out."""
        return self.pending_minor + self.available_minor + self.paid_out_minor

    @property
    def by_companies_minor(self) -> int:
        """Return what came out of the companies' prices."""
        return self.given_minor - self.own_gifts_minor - self.matched_minor

    @property
    def unspent_minor(self) -> int:
        """Return what was paid out and is not spent yet."""
        return self.paid_out_minor - self.spent_minor


@dataclass(frozen=True)
class CompanyTotals:
    """What a company gave out of its prices, less what was taken back with returned goods."""

    pending_minor: int = 0
    confirmed_minor: int = 0
    projects: int = 0

    @property
    def given_minor(self) -> int:
        """Return all of it: pending and confirmed."""
        return self.pending_minor + self.confirmed_minor


# What was moved is asked account by account: there are few in flight, and many months of others.
BY_PROJECT = """select owner_id as project_id, coalesce(sum(pending), 0)::bigint as pending,
    coalesce(sum(available), 0)::bigint as available, coalesce(sum(paid), 0)::bigint as paid
from (
    select owner_id,
        case when purpose in ('project_pending', 'dispute_hold') then balance_minor end,
        case when purpose in ('project_available', 'payout_in_flight') then balance_minor end,
        0
    from ledger_account_balance
    where purpose in ('project_pending', 'project_available', 'payout_in_flight', 'dispute_hold')
        and {mine}
    union all
    select owner_id, 0, 0, case movement.kind
        when 'payout_settled' then movement.debit_minor else -movement.credit_minor end
    from ledger_account account
    cross join lateral (
        select kind, debit_minor, credit_minor from ledger_movement_month
        where account_id = account.id and kind in ('payout_settled', 'payout_returned') offset 0
    ) movement
    where purpose = 'payout_in_flight' and {mine}
) part (owner_id, pending, available, paid)
group by owner_id"""
SPENT = f"""select project_id, sum(amount_minor)::bigint as minor
from spending where {{mine}} and {SPENDING_COUNTS} group by 1"""  # noqa: S608  # our own constant

EACH = """select project_id, coalesce(given.pending, 0), coalesce(given.available, 0),
    coalesce(given.paid, 0), coalesce(spent.minor, 0)
from ({given}) given full join ({spent}) spent using (project_id)"""
# In a statement below, for the plan not to depend on them: then it is made once and kept.
_THESE = "any((select cast(:ids as uuid[]))::uuid[])"
_PROJECTS = sa.text(
    EACH.format(
        given=BY_PROJECT.format(mine=f"owner_id = {_THESE}"),
        spent=SPENT.format(mine=f"project_id = {_THESE}"),
    )
).columns(sa.column("project_id"), *map(sa.column, ProjectTotals.__annotations__))


def project_totals(project_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, ProjectTotals]:
    """Return the totals of some projects, each in its currency; every one is in the answer."""
    rows = session.execute(_PROJECTS, {"ids": list(project_ids)})
    found = {row[0]: ProjectTotals(*row[1:]) for row in rows}
    return {project: found.get(project, ProjectTotals()) for project in project_ids}


OF_PROJECTS = (
    "currency = :currency and owner_id in (select id from project where currency = :currency)"
)
# What still stands on the accounts of gifts, and what left them for payouts.
GIFTS = """coalesce((select sum(balance_minor) from ledger_account_balance
        where source = '{source}' and currency = :currency), 0)::bigint
    + coalesce((select sum(debit_minor - credit_minor)
        from ledger_account account
        cross join lateral (
            select debit_minor, credit_minor from ledger_movement_month
            where account_id = account.id and kind in ('payout', 'payout_returned') offset 0
        ) movement
        where purpose = 'project_available' and source = '{source}' and currency = :currency
        ), 0)::bigint"""
ALL = """select now(),
    (select least(
            (select min(on_day) from ledger_account_day where account_id = account.id),
            (select min(on_day) from ledger_delta where account_id = account.id))
        from ledger_account account where purpose = 'provider_clearing' and currency = :currency),
    (select count(*) from ledger_account
        where purpose = 'company_pending' and currency = :currency),
    count(given.project_id), coalesce(sum(given.pending), 0)::bigint,
    coalesce(sum(given.available), 0)::bigint, coalesce(sum(given.paid), 0)::bigint,
    coalesce(sum(least(given.paid, coalesce(spent.minor, 0))), 0)::bigint,
    {gifts}, {matches}
from ({given}) given left join ({spent}) spent using (project_id)"""
_PLATFORM = sa.text(
    ALL.format(
        gifts=GIFTS.format(source="top_up"),
        matches=GIFTS.format(source="match"),
        given=BY_PROJECT.format(mine=OF_PROJECTS),
        spent=SPENT.format(mine="true"),
    )
).columns(*map(sa.column, PlatformTotals.__annotations__))


def platform_totals(currency: str) -> PlatformTotals:
    """Return the totals of the whole marketplace in one currency."""
    return PlatformTotals(*session.execute(_PLATFORM, {"currency": currency}).one())


_COMPANIES = sa.text(
    f"""with standing as ({STANDING})
    select company_id,
        coalesce(sum(minor) filter (where purpose <> 'project_available'), 0)::bigint,
        coalesce(sum(minor) filter (where purpose = 'project_available'), 0)::bigint,
        count(distinct owner_id)
    from standing join ledger_account account on account.id = account_id
    group by company_id"""  # noqa: S608  # our own constants
)


def company_totals(company_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, CompanyTotals]:
    """Return what some companies gave; every one is in the answer.

    A project that was paid keeps what a late return takes back, so that counts as given.
    """
    rows = session.execute(_COMPANIES, {"ids": list(company_ids)})
    found = {row[0]: CompanyTotals(*row[1:]) for row in rows}
    return {company: found.get(company, CompanyTotals()) for company in company_ids}

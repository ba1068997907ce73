"""Who is paid, and the accounts at the provider to which their money goes."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts.models import MemberRole
from marketplace.companies.models import Company, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.payouts.models import (
    AccountStanding,
    PayeeKind,
    PayoutAccount,
    PayoutSchedule,
    Schedule,
)
from marketplace.payouts.rules import COOLING_OFF
from marketplace.people import queries as people
from marketplace.people.queries import Membership, Team
from marketplace.people.rules import TeamKind
from marketplace.projects.models import Project, ProjectState

PAID_PROJECTS = (
    ProjectState.OPEN,
    ProjectState.FULL,
    ProjectState.PAUSED,
    ProjectState.CLOSED,
)


def get_payee(kind: PayeeKind, payee_id: uuid.UUID) -> Team:
    """Return a payee by name.

    :raises NotFound: there is none.
    """
    table = Company if kind is PayeeKind.COMPANY else Project
    slug = session.scalar(sa.select(table.slug).where(table.id == payee_id))
    if slug is None:
        raise NotFound
    return people.get_team(TeamKind(kind), slug)


def get_home(kind: PayeeKind, payee_id: uuid.UUID) -> tuple[str, str | None]:
    """Return a payee's currency and its country, where that is known."""
    table = Company if kind is PayeeKind.COMPANY else Project
    row = session.execute(sa.select(table.currency, table.country).where(table.id == payee_id))
    currency, country = row.one()
    return currency, country


def is_verified(kind: PayeeKind, payee_id: uuid.UUID) -> bool:
    """Say whether we have verified a payee, and have not suspended it since."""
    if kind is PayeeKind.COMPANY:
        company = sa.select(Company.state).where(Company.id == payee_id)
        return session.scalar(company) is CompanyState.VERIFIED
    project = sa.select(Project.state).where(Project.id == payee_id)
    return session.scalar(project) in PAID_PROJECTS


def list_owners(team: Team) -> list[Membership]:
    """Return the owners of a team who may sign in."""
    return [
        one
        for one in people.list_members(team)
        if one.role is MemberRole.OWNER and one.user.is_active
    ]


def _of(payee_id: uuid.UUID, standing: AccountStanding) -> sa.Select[PayoutAccount]:
    return sa.select(PayoutAccount).where(
        PayoutAccount.payee_id == payee_id, PayoutAccount.standing == standing
    )


def find_current(payee_id: uuid.UUID) -> PayoutAccount | None:
    """Return the account to which a payee's money goes."""
    return session.scalar(_of(payee_id, AccountStanding.CURRENT))


def find_proposed(payee_id: uuid.UUID) -> PayoutAccount | None:
    """Return the account that a payee has asked for in place of the current one."""
    return session.scalar(_of(payee_id, AccountStanding.PROPOSED))


def lock_account(account_id: uuid.UUID) -> PayoutAccount:
    """Return an account as it is now, held until the commit.

    :raises NotFound: there is none.
    """
    found = session.get(PayoutAccount, account_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def lock_account_of_provider(provider_account_id: str) -> PayoutAccount | None:
    """Return an account by the provider's id, held until the commit."""
    return session.scalar(
        sa.select(PayoutAccount)
        .where(PayoutAccount.provider_account_id == provider_account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def lock_accounts(payee_id: uuid.UUID) -> tuple[PayoutAccount | None, PayoutAccount | None]:
    """Return a payee's current and proposed account, both held until the commit."""
    rows = session.scalars(
        sa.select(PayoutAccount)
        .where(PayoutAccount.payee_id == payee_id, PayoutAccount.standing != AccountStanding.PAST)
        .order_by(PayoutAccount.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    by_standing = {row.standing: row for row in rows}
    return by_standing.get(AccountStanding.CURRENT), by_standing.get(AccountStanding.PROPOSED)


def list_changes_to_use(now: datetime) -> Sequence[uuid.UUID]:
    """Return proposed accounts that were confirmed, have cooled off and can be paid."""
    return session.scalars(
        sa.select(PayoutAccount.id).where(
            PayoutAccount.standing == AccountStanding.PROPOSED,
            PayoutAccount.confirmed_at.is_not(None),
            PayoutAccount.changed_at <= now - COOLING_OFF,
            PayoutAccount.can_be_paid,
        )
    ).all()


def list_changes_for_operators() -> Sequence[PayoutAccount]:
    """Return changes of account that nobody has confirmed, the oldest first."""
    return session.scalars(
        sa.select(PayoutAccount)
        .where(
            PayoutAccount.standing != AccountStanding.PAST,
            PayoutAccount.changed_at.is_not(None),
            PayoutAccount.confirmed_at.is_(None),
        )
        .order_by(PayoutAccount.changed_at)
    ).all()


def list_accounts_to_ask_for(before: datetime, limit: int = 200) -> Sequence[str]:
    """Return accounts that we have not heard of for long: a message may have got lost."""
    found = session.scalars(
        sa.select(PayoutAccount.provider_account_id)
        .where(
            PayoutAccount.standing != AccountStanding.PAST,
            PayoutAccount.provider_account_id.is_not(None),
            sa.func.coalesce(PayoutAccount.seen_at, PayoutAccount.created_at) < before,
        )
        .order_by(sa.func.coalesce(PayoutAccount.seen_at, PayoutAccount.created_at))
        .limit(limit)
    ).all()
    return [one for one in found if one is not None]


def get_schedule(payee_id: uuid.UUID) -> Schedule:
    """Return how often a payee is paid."""
    found = session.get(PayoutSchedule, payee_id)
    return found.schedule if found is not None else Schedule.MONTHLY

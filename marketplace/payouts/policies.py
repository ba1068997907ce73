"""Who may deal with a payee's money, and whether anything may go out to it now."""

import uuid
from collections.abc import Collection
from datetime import datetime

from marketplace.accounts.models import MemberRole, User
from marketplace.companies.models import CompanyMember
from marketplace.payouts.models import Payout, PayoutAccount
from marketplace.payouts.rules import Wait, change_waits
from marketplace.projects.models import ProjectOwner


def may_manage_money(membership: CompanyMember | ProjectOwner | None) -> bool:
    """Say whether somebody may see and change where a payee's money goes: owners."""
    return membership is not None and membership.role is MemberRole.OWNER


def may_confirm(account: PayoutAccount, user: User, owner_ids: Collection[uuid.UUID]) -> bool:
    """Say whether somebody is the second person for a change of account.

    Another owner than the one who asked for it; where there is nobody else, an operator who is no
    owner. Where nobody knows who changed it at the provider, any owner.
    """
    if user.id == account.changed_by_id:
        return False
    if user.id in owner_ids:
        return True
    return user.is_operator and not set(owner_ids) - {account.changed_by_id}


def may_approve(payout: Payout, user: User, member_ids: Collection[uuid.UUID]) -> bool:
    """Say whether somebody may agree to a payout: an operator who gets nothing of it, once."""
    if not user.is_operator or user.id in member_ids or user.id == payout.asked_by_id:
        return False
    return user.id not in {one.operator_id for one in payout.approvals}


def why_not_paid(
    current: PayoutAccount | None,
    proposed: PayoutAccount | None,
    *,
    is_verified: bool,
    now: datetime,
) -> list[Wait]:
    """Return why nothing may go out to a payee now; nothing if it may."""
    waits = [] if is_verified else [Wait.SUSPENDED]
    if proposed is not None and proposed.is_compromised:
        waits.append(Wait.COMPROMISED)
    if current is None or current.provider_account_id is None:
        return [*waits, Wait.NOT_CONNECTED]
    waits += change_waits(current.changed_at, current.confirmed_at, now)
    if current.bank_refused_at is not None:
        waits.append(Wait.BANK_REFUSED)
    if not current.can_be_paid:
        waits.append(Wait.NOT_VERIFIED)
    return waits

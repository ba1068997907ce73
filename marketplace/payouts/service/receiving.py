"""Where a payee's money goes: opened and verified at the provider, changed with care (rule 17)."""

import uuid
from datetime import datetime

from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import AccountSeen, CommandKind
from marketplace.payouts import queries
from marketplace.payouts.models import (
    AccountStanding,
    PayeeKind,
    PayoutAccount,
    PayoutSchedule,
    Schedule,
)
from marketplace.payouts.policies import may_confirm
from marketplace.payouts.rules import change_waits
from marketplace.people.queries import Team


class NotTheSecond(Forbidden):
    """Whoever asks for a change is not the one who agrees to it."""

    message = _l("A second person has to confirm this: another owner, or us if there is none.")


class NoChange(Conflict):
    """There is nothing to confirm or withdraw any more."""

    message = _l("This change was decided meanwhile.")


def open_account(
    *,
    team: Team,
    country: str | None,
    url: str | None,
    by: User,
    now: datetime,
    is_compromised: bool = False,
) -> ProviderCommand | None:
    """Have the provider open an account for a payee; None if one is on its way or open already.

    The first becomes current. A further one is proposed: nothing goes there before 48 hours have
    passed and a second person has agreed.
    """
    current, proposed = queries.lock_accounts(team.id)
    if proposed is not None:
        proposed.is_compromised = proposed.is_compromised or is_compromised
        return None
    if current is not None and current.provider_account_id is None:
        return None
    account = PayoutAccount(
        id=new_id(),
        payee_id=team.id,
        payee_kind=PayeeKind(team.kind),
        standing=AccountStanding.CURRENT if current is None else AccountStanding.PROPOSED,
        requirements=[],
        link_by_id=by.id,
        created_at=now,
    )
    if current is not None:
        account.changed_at, account.changed_by_id = now, by.id
        account.is_compromised = is_compromised
    session.add(account)
    session.flush()
    what = "opened" if current is None else "proposed"
    _record(account, by, what, "compromised" if is_compromised else "", now)
    return payments.command(
        kind=CommandKind.CREATE_ACCOUNT,
        subject_id=account.id,
        params=_asked(team, account, country, url, by),
        now=now,
    )


def _asked(
    team: Team, account: PayoutAccount, country: str | None, url: str | None, by: User
) -> dict[str, object]:
    """Return what the provider is asked for: it asks the rest of the payee itself."""
    asked: dict[str, object] = {
        "type": "express",
        "email": by.email,
        "business_profile": {"name": team.name} | ({"url": url} if url else {}),
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"payee": str(team.id), "account": str(account.id)},
    }
    return asked | ({"country": country} if country else {})


def note_opened(*, account_id: uuid.UUID, provider_account_id: str | None, now: datetime) -> None:
    """Note what the provider opened; None: it would not, and one may ask again."""
    account = queries.lock_account(account_id)
    if account.provider_account_id is not None:
        return
    if provider_account_id is None:
        account.standing = AccountStanding.PAST
        _record(account, None, "not_opened", "", now)
        return
    account.provider_account_id = provider_account_id
    is_current = account.standing is AccountStanding.CURRENT
    account.current_since = now if is_current else None
    if not is_current:
        _tell(account, "proposed", now)


def went_to_provider(*, account_id: uuid.UUID, by: User) -> None:
    """Remember who went to the provider's page: if the bank account changes, it was they."""
    queries.lock_account(account_id).link_by_id = by.id


def note_account(*, seen: AccountSeen, now: datetime) -> bool:
    """Take over what the provider says of an account now; False if it is none of ours.

    Another bank account behind it is a change like another account: it cools off, and a second
    person has to agree.
    """
    account = queries.lock_account_of_provider(seen.account_id)
    if account is None or account.standing is AccountStanding.PAST:
        return False
    known, told = account.bank_fingerprint, seen.bank_fingerprint
    was_verified = account.can_be_paid
    account.can_be_paid, account.has_details = seen.can_be_paid, seen.has_details
    account.requirements = list(seen.requirements)
    account.bank_last4, account.seen_at = seen.bank_last4 or account.bank_last4, now
    if told is not None and told != known:
        account.bank_fingerprint, account.bank_refused_at = told, None
        if known is not None:
            _bank_changed(account, now)
    if seen.can_be_paid and not was_verified:
        _record(account, None, "verified", seen.bank_last4 or "", now)
    elif was_verified and not seen.can_be_paid:
        _record(account, None, "not_payable", "", now)
        _tell(account, "not_payable", now)
    session.flush()
    return True


def _bank_changed(account: PayoutAccount, now: datetime) -> None:
    account.changed_at, account.changed_by_id = now, account.link_by_id
    account.confirmed_at = account.confirmed_by_id = None
    _record(account, None, "bank_changed", account.bank_last4 or "", now)
    _tell(account, "bank_changed", now)


def note_bank_refusal(*, provider_account_id: str, now: datetime) -> bool:
    """Note that a payee's bank sent money back to the payee's account at the provider.

    It is the payee's and not lost; nothing more goes there until the bank account is another.
    """
    account = queries.lock_account_of_provider(provider_account_id)
    if account is None or account.standing is AccountStanding.PAST:
        return False
    if account.bank_refused_at is None:
        account.bank_refused_at = now
        _record(account, None, "bank_refused", account.bank_last4 or "", now)
        _tell(account, "bank_refused", now)
    return True


def confirm_change(
    *, account_id: uuid.UUID, by: User, now: datetime, why: str = ""
) -> PayoutAccount:
    """Agree to a change as the second person.

    :raises NotTheSecond: it is who asked for it, or nobody who may.
    :raises NoChange: there is nothing to agree to.
    """
    account = _changing(account_id)
    team = queries.get_payee(account.payee_kind, account.payee_id)
    if not may_confirm(account, by, {one.user_id for one in queries.list_owners(team)}):
        raise NotTheSecond
    account.confirmed_at, account.confirmed_by_id = now, by.id
    session.flush()
    _record(account, by, "confirmed", why, now)
    _tell(account, "confirmed", now)
    return account


def withdraw_change(*, account_id: uuid.UUID, by: User, reason: str, now: datetime) -> None:
    """Let a proposed account go; the current one stays.

    :raises NoChange: it is proposed no more, or was never.
    """
    account = queries.lock_account(account_id)
    if account.standing is not AccountStanding.PROPOSED:
        raise NoChange
    account.standing = AccountStanding.PAST
    session.flush()
    _record(account, by, "withdrawn", reason, now)
    _tell(account, "withdrawn", now)


def use_change(*, account_id: uuid.UUID, now: datetime) -> bool:
    """Put a proposed account in the current one's place, once nothing stands against it."""
    payee_id = queries.lock_account(account_id).payee_id
    current, proposed = queries.lock_accounts(payee_id)
    if proposed is None or proposed.id != account_id or not proposed.can_be_paid:
        return False
    if change_waits(proposed.changed_at, proposed.confirmed_at, now):
        return False
    if current is not None:
        current.standing = AccountStanding.PAST
        session.flush()
    proposed.standing, proposed.current_since = AccountStanding.CURRENT, now
    session.flush()
    _record(proposed, None, "in_use", proposed.bank_last4 or "", now)
    _tell(proposed, "in_use", now)
    return True


def _changing(account_id: uuid.UUID) -> PayoutAccount:
    account = queries.lock_account(account_id)
    is_over = account.standing is AccountStanding.PAST or account.changed_at is None
    if is_over or account.confirmed_at is not None:
        raise NoChange
    return account


def set_schedule(
    *, kind: PayeeKind, payee_id: uuid.UUID, schedule: Schedule, by: User, now: datetime
) -> None:
    """Say how often a payee wants to be paid."""
    session.execute(
        postgresql.insert(PayoutSchedule)
        .values(payee_id=payee_id, schedule=schedule, changed_at=now)
        .on_conflict_do_update(
            index_elements=["payee_id"], set_={"schedule": schedule, "changed_at": now}
        )
    )
    accounts.record(
        actor=by,
        action="payouts.schedule",
        subject_kind=kind,
        subject_id=payee_id,
        reason=schedule,
        now=now,
    )


def connect(
    *, payee_kind: PayeeKind, payee_id: uuid.UUID, provider_account_id: str, now: datetime
) -> PayoutAccount:
    """Note a payee's first account, opened and verified at the provider before we knew it.

    :raises Conflict: there is one; another takes its place by `open_account`.
    """
    if queries.find_current(payee_id) is not None:
        raise Conflict
    account = PayoutAccount(
        id=new_id(),
        payee_id=payee_id,
        payee_kind=payee_kind,
        standing=AccountStanding.CURRENT,
        provider_account_id=provider_account_id,
        can_be_paid=True,
        has_details=True,
        requirements=[],
        current_since=now,
        created_at=now,
    )
    session.add(account)
    session.flush()
    return account


def _record(account: PayoutAccount, by: User | None, what: str, reason: str, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=f"payouts.account_{what}",
        subject_kind=account.payee_kind,
        subject_id=account.payee_id,
        reason=reason,
        now=now,
    )


def _tell(account: PayoutAccount, what: str, now: datetime) -> None:
    """Have every owner told: whoever takes over an account must not go unnoticed."""
    jobs.enqueue("payout_account_mail", account_id=str(account.id), what=what, at=now.isoformat())

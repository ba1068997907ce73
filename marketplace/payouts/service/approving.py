"""Payouts above the limit: two different operators agree, or one refuses with a reason."""

import uuid
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden
from marketplace.core.i18n import _l
from marketplace.payouts import queries
from marketplace.payouts.models import Payout, PayoutApproval, PayoutState
from marketplace.payouts.policies import may_approve, why_not_paid
from marketplace.payouts.rules import APPROVALS
from marketplace.payouts.service.paying import bring_back, send
from marketplace.people import queries as people


class AlreadyDecided(Conflict):
    """Somebody was quicker."""

    message = _l("This payout was decided meanwhile.")


class NotYours(Forbidden):
    """Maker and checker are two people, and neither is paid."""

    message = _l(
        "You agreed to this payout already, or it goes to people you belong to. Somebody else has "
        "to look at it."
    )


class Waits(Conflict):
    """What was asked for was right when it was, and is not now."""

    message = _l(
        "Where this payee’s money goes has changed, or may not be used now. Refuse the payout: the "
        "money goes back and is paid by a later run."
    )


def approve(*, payout_id: uuid.UUID, operator: User, now: datetime) -> Payout:
    """Agree to a payout; with the second agreement it is sent.

    :raises AlreadyDecided: it does not wait any more.
    :raises NotYours: the operator agreed already, asked for it or belongs to the payee.
    :raises Waits: the payee may not be paid now, or not there.
    """
    payout = _waiting(payout_id)
    team = queries.get_payee(payout.payee_kind, payout.payee_id)
    session.refresh(payout, ["approvals"])
    if not may_approve(payout, operator, {one.user_id for one in people.list_members(team)}):
        raise NotYours
    current, proposed = queries.lock_accounts(payout.payee_id)
    is_verified = queries.is_verified(payout.payee_kind, payout.payee_id)
    waits = why_not_paid(current, proposed, is_verified=is_verified, now=now)
    if current is None or waits or current.id != payout.account_id:
        raise Waits
    session.add(PayoutApproval(payout_id=payout.id, operator_id=operator.id, at=now))
    session.flush()
    _record(payout, operator, "approved", "", now)
    if len(payout.approvals) + 1 >= APPROVALS:
        payout.state, payout.commanded_at = PayoutState.COMMANDED, now
        session.flush()
        send(payout=payout, account=current, now=now)
    session.refresh(payout, ["approvals"])
    return payout


def refuse(*, payout_id: uuid.UUID, operator: User, reason: str, now: datetime) -> None:
    """Refuse a payout: what was set aside goes back.

    :raises AlreadyDecided: it does not wait any more.
    """
    payout = _waiting(payout_id)
    bring_back(payout_id=payout.id, now=now, why=reason)
    _record(payout, operator, "refused", reason, now)


def give_up(*, payout_id: uuid.UUID, now: datetime) -> None:
    """Let a payout that nobody decided about go back, so that nothing stays on its way for ever."""
    payout = queries.lock_payout(payout_id)
    if payout is not None and payout.state is PayoutState.TO_APPROVE:
        bring_back(payout_id=payout.id, now=now, why="nobody decided in time")


def _waiting(payout_id: uuid.UUID) -> Payout:
    payout = queries.lock_payout(payout_id)
    if payout is None or payout.state is not PayoutState.TO_APPROVE:
        raise AlreadyDecided
    return payout


def _record(payout: Payout, operator: User, what: str, reason: str, now: datetime) -> None:
    accounts.record(
        actor=operator,
        action=f"payouts.{what}",
        subject_kind=payout.payee_kind,
        subject_id=payout.payee_id,
        reason=f"#{payout.number}: {reason}" if reason else f"#{payout.number}",
        now=now,
    )

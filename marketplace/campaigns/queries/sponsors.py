"""Reads of sponsors that are no company, of what they pay in and what goes back to them."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import MemberRole, User
from marketplace.campaigns.models import Pool, PoolDispute, PoolPayment, PoolRefund, Sponsor
from marketplace.campaigns.queries.pools import REST, WHOLE
from marketplace.campaigns.rules import (
    MOST_USED,
    ClaimState,
    PaymentStage,
    PoolState,
    RefundStage,
    SponsorState,
)
from marketplace.companies.models import CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import NotFound


def find_sponsor(user_id: uuid.UUID) -> Sponsor | None:
    """Return as whom somebody funds pools, if they said so."""
    return session.scalar(sa.select(Sponsor).where(Sponsor.user_id == user_id))


def get_sponsor(sponsor_id: uuid.UUID, *, lock: bool = False) -> Sponsor:
    """Return a sponsor.

    :raises NotFound: there is none.
    """
    found = session.get(Sponsor, sponsor_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound
    return found


def list_to_decide(limit: int = 100) -> Sequence[Sponsor]:
    """Return the sponsors that wait for an operator, with who acts for them, the oldest first."""
    return session.scalars(
        sa.select(Sponsor)
        .where(Sponsor.state == SponsorState.ASKED)
        .options(joinedload(Sponsor.user))
        .order_by(Sponsor.asked_at)
        .limit(limit)
    ).all()


def list_of_sponsor(sponsor_id: uuid.UUID) -> Sequence[Pool]:
    """Return a sponsor's pools, drafts among them, the newest first."""
    return session.scalars(
        sa.select(Pool)
        .where(Pool.sponsor_id == sponsor_id)
        .options(joinedload(Pool.cause))
        .order_by(Pool.id.desc())
        .limit(200)
    ).all()


def get_of_sponsor(sponsor_id: uuid.UUID, slug: str) -> Pool:
    """Return a pool of a sponsor in whatever state.

    :raises NotFound: the sponsor has none of this name.
    """
    found = session.scalar(
        sa.select(Pool)
        .where(Pool.sponsor_id == sponsor_id, Pool.slug == slug)
        .options(*WHOLE)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lock_payment(row_id: uuid.UUID) -> PoolPayment | None:
    """Return what a sponsor pays in, held until the commit."""
    return session.get(PoolPayment, row_id, with_for_update=True, populate_existing=True)


def lock_refund(row_id: uuid.UUID) -> PoolRefund | None:
    """Return what goes back to a sponsor, held until the commit."""
    return session.get(PoolRefund, row_id, with_for_update=True, populate_existing=True)


def list_payments(pool_id: uuid.UUID, limit: int = 50) -> Sequence[PoolPayment]:
    """Return what was asked for and paid into a pool, the newest first."""
    return session.scalars(
        sa.select(PoolPayment)
        .where(PoolPayment.pool_id == pool_id, PoolPayment.state != PaymentStage.LAPSED)
        .order_by(PoolPayment.id.desc())
        .limit(limit)
    ).all()


def list_refunds(pool_id: uuid.UUID, limit: int = 50) -> Sequence[PoolRefund]:
    """Return what went back of a pool, or is on its way, the newest first."""
    return session.scalars(
        sa.select(PoolRefund)
        .where(PoolRefund.pool_id == pool_id, PoolRefund.state != RefundStage.REPLACED)
        .order_by(PoolRefund.id.desc())
        .limit(limit)
    ).all()


def list_failed_refunds(limit: int = 100) -> Sequence[tuple[PoolRefund, str, str, bool]]:
    """Return what did not reach a sponsor, the oldest first.

    With the pool's name and currency, and whether a bank has to decide first.
    """
    is_disputed = sa.exists().where(
        PoolDispute.payment_id == PoolRefund.payment_id, PoolDispute.state == ClaimState.OPEN
    )
    rows = session.execute(
        sa.select(PoolRefund, Pool.title, Pool.currency, is_disputed)
        .join(Pool, Pool.id == PoolRefund.pool_id)
        .where(PoolRefund.state == RefundStage.FAILED)
        .order_by(PoolRefund.requested_at)
        .limit(limit)
    )
    return [(row[0], row[1], row[2], bool(row[3])) for row in rows]


_LEFT_OF_PAYMENTS = sa.text(
    """
    select paid.payment_id, paid.amount_minor - coalesce((
        select sum(amount_minor) from pool_refund
        where pool_refund.payment_id = paid.payment_id and state <> 'replaced'), 0)::bigint
        - coalesce((
        select sum(wanted_minor) from pool_dispute
        where pool_dispute.payment_id = paid.payment_id and state <> 'free'), 0)::bigint
    from pool_payment paid
    where paid.pool_id = :pool and paid.state = 'paid' order by paid.paid_at desc, paid.id desc
    """
)


def list_left_of_payments(pool_id: uuid.UUID) -> list[tuple[str, int]]:
    """Return of each payment into a pool what neither went back nor was taken, the last first."""
    return [(row[0], row[1]) for row in session.execute(_LEFT_OF_PAYMENTS, {"pool": pool_id})]


def list_awaiting(asked_before: datetime, limit: int = 100) -> list[tuple[uuid.UUID, str]]:
    """Return payments whose page was opened and of which nothing was heard: id, session."""
    rows = session.execute(
        sa.select(PoolPayment.id, PoolPayment.checkout_session_id)
        .where(
            PoolPayment.state == PaymentStage.PLACED,
            PoolPayment.checkout_session_id.is_not(None),
            PoolPayment.asked_at < asked_before,
        )
        .order_by(PoolPayment.asked_at.desc())
        .limit(limit)
    )
    return [(row[0], str(row[1])) for row in rows]


def list_to_tell() -> list[uuid.UUID]:
    """Return the pools whose people are to be told how much is used, or how it ended."""
    is_used = Pool.used_minor * 100 >= Pool.budget_minor * sa.case(
        (Pool.told_percent >= MOST_USED, 100), else_=MOST_USED
    )
    query = sa.select(Pool.id).where(
        sa.or_(
            sa.and_(Pool.state == PoolState.FUNDED, Pool.told_percent < 100, is_used),
            sa.and_(
                Pool.state == PoolState.ENDED,
                Pool.told_end_at.is_(None),
                Pool.reserved_minor == 0,
                REST == 0,
                Pool.frozen_minor == 0,
            ),
        )
    )
    return list(session.scalars(query.order_by(Pool.id)))


def list_people(pool: Pool) -> Sequence[User]:
    """Return who gets letters about a pool: its company's owners, or who acts for its sponsor."""
    who = sa.select(User).where(User.blocked_at.is_(None))
    if pool.company_id is None:
        who = who.join(Sponsor, Sponsor.user_id == User.id).where(Sponsor.id == pool.sponsor_id)
    else:
        who = who.join(CompanyMember, CompanyMember.user_id == User.id).where(
            CompanyMember.company_id == pool.company_id, CompanyMember.role == MemberRole.OWNER
        )
    return session.scalars(who.order_by(User.id)).all()

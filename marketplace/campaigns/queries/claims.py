"""Reads of what banks' disputes claim of pools."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.campaigns.models import PoolDispute, PoolRefund
from marketplace.campaigns.rules import ClaimState, RefundStage
from marketplace.core.db import session


def lock_claim(dispute_id: str) -> PoolDispute | None:
    """Return what a dispute claims of a pool, held until the commit."""
    return session.get(PoolDispute, dispute_id, with_for_update=True, populate_existing=True)


def is_disputed(pool_id: uuid.UUID) -> bool:
    """Say whether a bank has to decide yet about a payment into a pool."""
    query = sa.select(
        sa.exists().where(PoolDispute.pool_id == pool_id, PoolDispute.state == ClaimState.OPEN)
    )
    return bool(session.scalar(query))


def is_payment_disputed(payment_id: str) -> bool:
    """Say whether a bank has to decide yet about a sponsor's payment."""
    query = sa.select(
        sa.exists().where(
            PoolDispute.payment_id == payment_id, PoolDispute.state == ClaimState.OPEN
        )
    )
    return bool(session.scalar(query))


def find_freed(payment_id: str) -> PoolDispute | None:
    """Return the dispute over a sponsor's payment that was given up last."""
    return session.scalar(
        sa.select(PoolDispute)
        .where(PoolDispute.payment_id == payment_id, PoolDispute.state == ClaimState.FREE)
        .order_by(PoolDispute.closed_at.desc())
        .limit(1)
    )


def lock_unpaid_claims(pool_id: uuid.UUID) -> Sequence[PoolDispute]:
    """Return the lost disputes that took more than a pool had, the first one first; held."""
    return session.scalars(
        sa.select(PoolDispute)
        .where(
            PoolDispute.pool_id == pool_id,
            PoolDispute.state == ClaimState.TAKEN,
            PoolDispute.claimed_minor > 0,
        )
        .order_by(PoolDispute.closed_at, PoolDispute.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def lock_owed_refunds(payment_id: str) -> Sequence[PoolRefund]:
    """Return what is on its way back to a payment and not there, the newest first; held."""
    return session.scalars(
        sa.select(PoolRefund)
        .where(
            PoolRefund.payment_id == payment_id,
            PoolRefund.state.in_([RefundStage.REQUESTED, RefundStage.FAILED]),
        )
        .order_by(PoolRefund.requested_at.desc(), PoolRefund.id.desc())
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()

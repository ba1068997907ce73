"""Reads of what shoppers are owed after a refund failed."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.orders.models import OPEN_DISPUTES, OWED_STILL, Dispute, FailedRefund

PER_PAGE = 50


def get_failed_refund(failed_refund_id: uuid.UUID) -> FailedRefund:
    """Return a refund that failed, as it is now, with its order.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(FailedRefund)
        .where(FailedRefund.id == failed_refund_id)
        .options(joinedload(FailedRefund.order), joinedload(FailedRefund.ended_by))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def find_failed_refund(key: str) -> FailedRefund | None:
    """Return what failed under a key, as it is now."""
    return session.scalar(
        sa.select(FailedRefund)
        .where(FailedRefund.key == key)
        .execution_options(populate_existing=True)
    )


def list_owed_of_order(order_id: uuid.UUID) -> Sequence[FailedRefund]:
    """Return what a shopper is still owed of an order, the oldest first."""
    return session.scalars(
        sa.select(FailedRefund)
        .where(FailedRefund.order_id == order_id, FailedRefund.state.in_(OWED_STILL))
        .order_by(FailedRefund.failed_at, FailedRefund.id)
        .execution_options(populate_existing=True)
    ).all()


def list_failed_of_order(order_id: uuid.UUID) -> Sequence[FailedRefund]:
    """Return every refund of an order that failed, the oldest first."""
    return session.scalars(
        sa.select(FailedRefund)
        .where(FailedRefund.order_id == order_id)
        .order_by(FailedRefund.failed_at, FailedRefund.id)
    ).all()


def list_failed_refunds(
    *, are_owed: bool, after: tuple[datetime, uuid.UUID] | None = None
) -> Page[FailedRefund]:
    """Return a page of refunds that failed: of those still owed the oldest first, else the newest.

    Each comes with its order, and with who ended it.
    """
    state = FailedRefund.state.in_(OWED_STILL)
    place = sa.tuple_(FailedRefund.failed_at, FailedRefund.id)
    query = (
        sa.select(FailedRefund)
        .where(state if are_owed else ~state)
        .options(joinedload(FailedRefund.order), joinedload(FailedRefund.ended_by))
        .limit(PER_PAGE + 1)
    )
    if are_owed:
        query = query.order_by(FailedRefund.failed_at, FailedRefund.id)
    else:
        query = query.order_by(FailedRefund.failed_at.desc(), FailedRefund.id.desc())
    if after:
        query = query.where(place > after if are_owed else place < after)
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (row.failed_at.isoformat(), row.id))


def list_disputed_among(order_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of some orders a bank has to decide about."""
    return set(
        session.scalars(
            sa.select(Dispute.order_id).where(
                Dispute.order_id.in_(order_ids), Dispute.state.in_(OPEN_DISPUTES)
            )
        )
    )


def has_won(payment_id: str) -> bool:
    """Say whether a bank left us a payment that it had taken back for a while."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    Dispute.payment_id == payment_id, Dispute.state.in_(("won", "closed"))
                )
            )
        )
    )


OWED = """
    select count(*), count(*) filter (where owed.minor > standing.minor
        or owed.minor < standing.minor and not exists (
            select from payment
            where payment.order_id = owed.order_id and payment.state = 'too_late'))
    from (
        select order_id, currency, sum(minor) as minor from (
            select order_id, currency, amount_minor as minor from failed_refund
            where state in ('waiting', 'sending')
            union all
            select owner_id, currency, 0 from ledger_account where purpose = 'refund_due'
            and not exists (select from matching_pool where matching_pool.id = owner_id)
        ) part group by order_id, currency
    ) owed
    cross join lateral (
        select coalesce(sum(balance_minor), 0) as minor from ledger_account_balance
        where purpose = 'refund_due' and owner_id = owed.order_id and currency = owed.currency
    ) standing
"""
"""What `flask check` asks: all that shoppers are owed stands on their orders' accounts."""

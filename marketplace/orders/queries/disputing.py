"""Reads of disputes and of money that was rerouted."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.accounts.models import MemberRole, User
from marketplace.campaigns.models import Pool, PoolPayment, Sponsor
from marketplace.companies.models import CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.orders.models import (
    OPEN_DISPUTES,
    CompanyOrder,
    Dispute,
    DisputeNote,
    Order,
)

_POOL = joinedload(Dispute.pool_payment).joinedload(PoolPayment.pool)

_IS_DISPUTED = sa.select(
    sa.exists().where(
        Dispute.order_id == sa.bindparam("order"),
        Dispute.state.in_(OPEN_DISPUTES),
    )
)


def is_disputed(order_id: uuid.UUID) -> bool:
    """Say whether a bank has to decide yet about an order's payment."""
    return bool(session.scalar(_IS_DISPUTED, {"order": order_id}))


def find_dispute(dispute_id: str) -> Dispute | None:
    """Return a dispute as it is now."""
    return session.get(Dispute, dispute_id, populate_existing=True)


def get_dispute(dispute_id: str) -> Dispute:
    """Return a dispute with its order or pool, and with all that was said against it.

    :raises NotFound: no such dispute.
    """
    found = session.scalar(
        sa.select(Dispute)
        .where(Dispute.id == dispute_id)
        .options(
            joinedload(Dispute.order).selectinload(Order.lines),
            joinedload(Dispute.order)
            .selectinload(Order.company_orders)
            .joinedload(CompanyOrder.company),
            _POOL.joinedload(Pool.sponsor).joinedload(Sponsor.user),
            selectinload(Dispute.notes).joinedload(DisputeNote.author),
            selectinload(Dispute.notes).joinedload(DisputeNote.company),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_disputes(*, are_open: bool, limit: int = 100) -> Sequence[Dispute]:
    """Return disputes for the operator: of the open ones what is due first, else the newest."""
    state = Dispute.state.in_(OPEN_DISPUTES)
    order = Dispute.due_at.asc().nulls_last() if are_open else Dispute.opened_at.desc()
    return session.scalars(
        sa.select(Dispute)
        .where(state if are_open else ~state)
        .options(joinedload(Dispute.order), _POOL.joinedload(Pool.sponsor))
        .order_by(order, Dispute.id)
        .limit(limit)
    ).all()


def list_open_disputes(limit: int = 200) -> Sequence[str]:
    """Return the disputes of which the provider may have news."""
    return session.scalars(
        sa.select(Dispute.id)
        .where(Dispute.state.in_(OPEN_DISPUTES))
        .order_by(Dispute.due_at.asc().nulls_last())
        .limit(limit)
    ).all()


def list_disputes_of_order(order_id: uuid.UUID) -> Sequence[Dispute]:
    """Return the disputes of an order with what was said against them, the oldest first."""
    return session.scalars(
        sa.select(Dispute)
        .where(Dispute.order_id == order_id)
        .options(selectinload(Dispute.notes).joinedload(DisputeNote.author))
        .order_by(Dispute.opened_at)
        .execution_options(populate_existing=True)
    ).all()


def list_disputes_of_pool(pool_id: uuid.UUID) -> Sequence[Dispute]:
    """Return the disputes of what was paid into a pool, the oldest first."""
    return session.scalars(
        sa.select(Dispute)
        .join(PoolPayment, PoolPayment.id == Dispute.pool_payment_id)
        .where(PoolPayment.pool_id == pool_id)
        .order_by(Dispute.opened_at, Dispute.id)
        .execution_options(populate_existing=True)
    ).all()


def list_disputes_of_company(
    company_id: uuid.UUID, limit: int = 50
) -> list[tuple[Dispute, CompanyOrder]]:
    """Return the disputes of payments that a company has a part in, the newest first."""
    rows = session.execute(
        sa.select(Dispute, CompanyOrder)
        .join(CompanyOrder, CompanyOrder.order_id == Dispute.order_id)
        .where(CompanyOrder.company_id == company_id)
        .order_by(Dispute.opened_at.desc(), Dispute.id)
        .limit(limit)
    )
    return [(dispute, part) for dispute, part in rows]


def list_owners_of_company(company_id: uuid.UUID) -> Sequence[User]:
    """Return the people who own a company."""
    return session.scalars(
        sa.select(User)
        .join(CompanyMember, CompanyMember.user_id == User.id)
        .where(CompanyMember.company_id == company_id, CompanyMember.role == MemberRole.OWNER)
        .order_by(User.id)
    ).all()


@dataclass(frozen=True)
class MovedMoney:
    """What moved from one project to another; `source` says whose money it is."""

    rerouting_id: uuid.UUID
    why: str
    made_at: datetime
    from_title: str
    from_slug: str
    to_title: str
    to_slug: str
    source: str
    amount_minor: int
    from_id: uuid.UUID
    to_id: uuid.UUID
    line_ids: Sequence[uuid.UUID | None]
    """The order lines that it is of; None for what is of no line."""


_MOVED = sa.text(
    """
    select made.id, made.why, made.made_at, gave.title, gave.slug, got.title, got.slug,
        debit.source, sum(moved.amount_minor)::bigint, gave.id, got.id,
        array_agg(distinct moved.line_id)
    from rerouting made
    join ledger_transaction transaction on transaction.effect_key = 'reroute:' || made.id
    join ledger_transfer moved on moved.transaction_id = transaction.id
    join ledger_account debit on debit.id = moved.debit_id
    join ledger_account credit on credit.id = moved.credit_id
    join project gave on gave.id = debit.owner_id
    join project got on got.id = credit.owner_id
    where made.order_id = :order and (cast(:only as uuid) is null or made.id = :only)
    group by made.id, gave.id, got.id, debit.source
    order by made.made_at, made.id, min(moved.id)
    """
)


def list_moved(order_id: uuid.UUID, *, rerouting_id: uuid.UUID | None = None) -> list[MovedMoney]:
    """Return what of an order went to other projects than at first, the oldest first."""
    rows = session.execute(_MOVED, {"order": order_id, "only": rerouting_id})
    return [MovedMoney(*row) for row in rows]


FROZEN = """
    select count(*), count(*) filter (where is_open <> (frozen.minor > 0) and frozen.was > 0)
    from (
        select id, state in ('inquiry', 'needs_response', 'under_review') as is_open
        from dispute
    ) dispute
    cross join lateral (
        select coalesce(sum(minor), 0) as minor,
            coalesce(sum(minor) filter (where minor > 0), 0) as was
        from (
            select case when credit.purpose in ('dispute_hold', 'pool_hold') then moved.amount_minor
                else -moved.amount_minor end as minor
            from ledger_transaction transaction
            join ledger_transfer moved on moved.transaction_id = transaction.id
            join ledger_account debit on debit.id = moved.debit_id
            join ledger_account credit on credit.id = moved.credit_id
            where transaction.effect_key in (
                concat_ws(chr(58), 'dispute', dispute.id, 'opened'),
                concat_ws(chr(58), 'dispute', dispute.id, 'won'),
                concat_ws(chr(58), 'dispute', dispute.id, 'lost'))
                and (debit.purpose in ('dispute_hold', 'pool_hold')
                    or credit.purpose in ('dispute_hold', 'pool_hold'))
        ) side
    ) frozen
"""
"""What `flask check` asks: a dispute holds something while it is open, and nothing afterwards."""

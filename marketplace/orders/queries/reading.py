"""Reads of orders."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import selectinload, undefer

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.orders.models import (
    OPEN_DISPUTES,
    Allocation,
    CompanyOrder,
    CompanyOrderState,
    Dispute,
    HoldState,
    Order,
    OrderLine,
    OrderState,
    Refund,
    StockHold,
)

WHOLE = (
    undefer(Order.disclosure),
    selectinload(Order.company_orders).joinedload(CompanyOrder.company),
    selectinload(Order.lines),
    selectinload(Order.allocations).joinedload(Allocation.project),
    selectinload(Order.choices),
)
"""Everything a receipt shows, in a constant number of statements."""


def get_bare(token: str) -> Order:
    """Return an order by the secret of its receipt as it is now, without what belongs to it.

    :raises NotFound: no such order.
    """
    order = session.scalar(
        sa.select(Order).where(Order.token == token).execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound
    return order


def find_order(order_id: str) -> Order | None:
    """Return an order without what belongs to it."""
    return session.get(Order, uuid.UUID(order_id))


def list_held(order_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return how many pieces of each variant an unpaid order keeps from others."""
    rows = session.execute(
        sa.select(StockHold.variant_id, StockHold.quantity).where(
            StockHold.order_id == order_id, StockHold.state == HoldState.LIVE
        )
    )
    return dict(rows.all())


def get_order(order_id: uuid.UUID) -> Order:
    """Return an order with all that belongs to it.

    :raises NotFound: no such order.
    """
    order = session.scalar(sa.select(Order).where(Order.id == order_id).options(*WHOLE))
    if order is None:
        raise NotFound
    return order


def find_by_checkout_key(checkout_key: str) -> Order | None:
    """Return the order that a basket became, if it did."""
    return session.scalar(sa.select(Order).where(Order.checkout_key == checkout_key))


def find_by_session(session_id: str) -> Order | None:
    """Return the order of a checkout session."""
    return session.scalar(sa.select(Order).where(Order.checkout_session_id == session_id))


_LOCKED = (
    sa.select(Order)
    .where(Order.id == sa.bindparam("order"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def lock_order(order_id: uuid.UUID) -> Order | None:
    """Return an order, held until the commit."""
    return session.scalar(_LOCKED, {"order": order_id})


def list_ids_of_customer(customer_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return every order of a person, paid or not."""
    return session.scalars(
        sa.select(Order.id).where(Order.customer_id == customer_id).order_by(Order.id)
    ).all()


def list_of_customer(
    customer_id: uuid.UUID, *, before: tuple[datetime, uuid.UUID] | None = None, limit: int = 20
) -> Sequence[Order]:
    """Return a shopper's paid orders, the newest first."""
    query = (
        sa.select(Order)
        .where(Order.customer_id == customer_id, Order.state == OrderState.PAID)
        .options(selectinload(Order.company_orders).joinedload(CompanyOrder.company))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(sa.tuple_(Order.placed_at, Order.id) < before)
    return session.scalars(query).all()


def list_of_company(
    company_id: uuid.UUID,
    *,
    state: CompanyOrderState | None = None,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 50,
) -> Sequence[CompanyOrder]:
    """Return a company's paid orders with their lines, the newest first."""
    query = (
        sa.select(CompanyOrder)
        .join(Order)
        .where(CompanyOrder.company_id == company_id, Order.state == OrderState.PAID)
        .options(selectinload(CompanyOrder.lines), selectinload(CompanyOrder.order))
        .order_by(CompanyOrder.placed_at.desc(), CompanyOrder.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(CompanyOrder.state == state)
    if before is not None:
        query = query.where(sa.tuple_(CompanyOrder.placed_at, CompanyOrder.id) < before)
    return session.scalars(query).all()


def find_company_order(company_id: uuid.UUID, number: str) -> CompanyOrder | None:
    """Return one of a company's orders by its number."""
    return session.scalar(
        sa.select(CompanyOrder)
        .where(CompanyOrder.company_id == company_id, CompanyOrder.number == number)
        .options(
            selectinload(CompanyOrder.lines)
            .selectinload(OrderLine.allocations)
            .joinedload(Allocation.project),
            selectinload(CompanyOrder.order),
        )
    )


def list_to_send(company_id: uuid.UUID, limit: int = 12) -> tuple[Sequence[CompanyOrder], int]:
    """Return the orders that wait longest for their parcel, and how many wait in all."""
    waits = (
        CompanyOrder.company_id == company_id,
        CompanyOrder.state == CompanyOrderState.TO_SEND,
    )
    rows = session.scalars(
        sa.select(CompanyOrder)
        .where(*waits)
        .options(selectinload(CompanyOrder.order), selectinload(CompanyOrder.lines))
        .order_by(CompanyOrder.placed_at, CompanyOrder.id)
        .limit(limit)
    ).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(CompanyOrder).where(*waits))
    return rows, count or 0


def list_lapsing(now: datetime, limit: int = 100) -> Sequence[Order]:
    """Return placed orders whose time to pay is over."""
    return session.scalars(
        sa.select(Order)
        .where(Order.state == OrderState.PLACED, Order.expires_at <= now)
        .order_by(Order.expires_at)
        .limit(limit)
    ).all()


def list_awaiting(placed_before: datetime, limit: int = 100) -> Sequence[Order]:
    """Return placed orders whose payment page exists and that nobody told us about since."""
    return session.scalars(
        sa.select(Order)
        .where(
            Order.state == OrderState.PLACED,
            Order.placed_at <= placed_before,
            Order.checkout_session_id.is_not(None),
        )
        .order_by(Order.placed_at)
        .limit(limit)
    ).all()


def list_to_release(now: datetime, limit: int = 200) -> Sequence[uuid.UUID]:
    """Return company orders whose return window has closed and that no bank has to decide about."""
    return session.scalars(
        sa.select(CompanyOrder.id)
        .where(
            CompanyOrder.released_at.is_(None),
            CompanyOrder.window_closes_at <= now,
            ~sa.exists().where(
                Dispute.order_id == CompanyOrder.order_id, Dispute.state.in_(OPEN_DISPUTES)
            ),
        )
        .order_by(CompanyOrder.window_closes_at)
        .limit(limit)
    ).all()


def list_refunds(order_id: uuid.UUID) -> Sequence[Refund]:
    """Return the refunds of an order with their lines, the oldest first."""
    return session.scalars(
        sa.select(Refund)
        .where(Refund.order_id == order_id)
        .options(selectinload(Refund.lines))
        .order_by(Refund.requested_at)
    ).all()


def list_all(
    *, number: str = "", before: tuple[datetime, uuid.UUID] | None = None, limit: int = 50
) -> Page[Order]:
    """Return orders of every state, the newest first, for the operator."""
    query = sa.select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(limit + 1)
    if number:
        query = query.where(Order.number == number.upper())
    if before is not None:
        query = query.where(sa.tuple_(Order.placed_at, Order.id) < before)
    return page_of(session.scalars(query).all(), limit, lambda row: (row.placed_at, row.id))

"""Release: a return window has closed, what was held is confirmed."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.checkout import rules
from marketplace.checkout.service.holding import Funds, hold_funds, keep_debts
from marketplace.core.db import session
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import Kind, Remainder
from marketplace.orders import queries as orders
from marketplace.orders.models import (
    CompanyOrder,
    CompanyOrderState,
    Order,
    OrderLine,
    OrderState,
)


def release(*, company_order_id: uuid.UUID, now: datetime) -> bool:
    """Move what a company order holds from pending to available, line by line. Once.

    The shopper's own gift moves on with the last company order of the order.
    """
    part = session.get(CompanyOrder, company_order_id)
    if part is None:
        return False
    order = orders.lock_order(part.order_id)
    session.refresh(part)
    window_open = part.window_closes_at is None or part.window_closes_at > now
    if order is None or order.state is not OrderState.PAID or part.released_at or window_open:
        return False
    if orders.is_disputed(order.id):
        return False
    closed_at = part.window_closes_at or now
    line_ids = list(
        session.scalars(
            sa.select(OrderLine.id)
            .where(OrderLine.company_order_id == part.id)
            .order_by(OrderLine.position)
        )
    )
    funds = hold_funds(order)
    _post(order, funds, [*line_ids, part.id], closed_at)
    part.released_at = now
    session.flush()
    release_top_up(order=order, effective_at=closed_at)
    keep_debts(order, funds, f"release:{part.id}", closed_at)
    return True


def release_top_up(*, order: Order, effective_at: datetime) -> None:
    """Move the shopper's own gift on, once no parcel of the order can come back any more.

    The caller holds the order's funds. Nothing moves where every parcel was cancelled: then the
    gift is given back or asked about.
    """
    states = session.execute(
        sa.select(CompanyOrder.released_at, CompanyOrder.state).where(
            CompanyOrder.order_id == order.id
        )
    ).all()
    is_held = any(
        released_at is None and state != CompanyOrderState.CANCELLED
        for released_at, state in states
    )
    if not is_held and any(released_at for released_at, _state in states):
        _post_top_up(order, effective_at)


def _post(order: Order, funds: Funds, subjects: list[uuid.UUID], effective_at: datetime) -> None:
    by_subject: dict[uuid.UUID | None, list[Remainder]] = {}
    for row in ledger_queries.list_remainders(order.id, subjects):
        by_subject.setdefault(row.line_id, []).append(row)
    for subject in subjects:
        ledger.post(
            kind=Kind.RELEASE,
            effect_key=f"release:{subject}",
            currency=order.currency,
            entries=rules.release(by_subject.get(subject, []), funds.standings),
            subject_id=order.id,
            effective_at=effective_at,
        )


def _post_top_up(order: Order, effective_at: datetime) -> None:
    rows = ledger_queries.list_remainders(order.id, [], with_top_up=True)
    if rows:
        ledger.post(
            kind=Kind.RELEASE,
            effect_key=f"release:{order.id}:top_up",
            currency=order.currency,
            entries=rules.release(rows, ledger_queries.list_standings(order.id)),
            subject_id=order.id,
            effective_at=effective_at,
        )

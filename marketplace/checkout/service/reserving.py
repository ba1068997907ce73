"""What a refund keeps from other refunds while the provider has not answered."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.orders.models import (
    CompanyOrder,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    RefundState,
)


def top_up_left(order: Order) -> int:
    """Return what of the shopper's own gift no refund has asked for yet."""
    asked = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Refund.top_up_minor), 0)).where(
            Refund.order_id == order.id, Refund.state != RefundState.REJECTED
        )
    )
    return order.top_up_minor - int(asked or 0)


def asked_of_lines(order_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Return what refunds have asked for of each line, but for those that were rejected."""
    rows = session.execute(
        sa.select(RefundLine.line_id, sa.func.sum(RefundLine.amount_minor))
        .join(Refund, Refund.id == RefundLine.refund_id)
        .where(
            Refund.order_id == order_id,
            Refund.state != RefundState.REJECTED,
            RefundLine.line_id.is_not(None),
        )
        .group_by(RefundLine.line_id)
    )
    return {line_id: int(minor) for line_id, minor in rows if line_id is not None}


def let_go(order: Order, refund: Refund) -> None:
    """Give free what a refund had reserved; the order is held."""
    order.refund_reserved_minor -= refund.amount_minor
    for row, part in _parts(refund):
        if isinstance(part, OrderLine):
            part.refunded_quantity -= row.quantity
        else:
            part.shipping_refunded_minor -= row.amount_minor
    session.flush()


def reserve_again(order: Order, refund: Refund) -> None:
    """Reserve once more what was let go, before anything is changed; the order is held.

    :raises Conflict: other refunds have taken its place meanwhile.
    """
    parts = _parts(refund)
    asked = asked_of_lines(order.id)
    has_room = (
        order.refund_reserved_minor + refund.amount_minor <= order.captured_minor
        and refund.top_up_minor <= top_up_left(order)
        and all(_has_room(row, part, asked) for row, part in parts)
    )
    if not has_room:
        raise Conflict(_l("That is more than is left of what was paid."))
    order.refund_reserved_minor += refund.amount_minor
    for row, part in parts:
        if isinstance(part, OrderLine):
            part.refunded_quantity += row.quantity
        else:
            part.shipping_refunded_minor += row.amount_minor
    session.flush()


def _has_room(
    row: RefundLine, part: OrderLine | CompanyOrder, asked: Mapping[uuid.UUID, int]
) -> bool:
    if isinstance(part, OrderLine):
        paid = part.gross_minor - part.discount_minor
        fits = asked.get(part.id, 0) + row.amount_minor <= paid
        return fits and part.refunded_quantity + row.quantity <= part.quantity
    return part.shipping_refunded_minor + row.amount_minor <= part.shipping_minor


def _parts(refund: Refund) -> Sequence[tuple[RefundLine, OrderLine | CompanyOrder]]:
    """Return each row of a refund with what it gives back: pieces of a line, or a parcel."""
    rows = session.scalars(sa.select(RefundLine).where(RefundLine.refund_id == refund.id)).all()
    return [
        (
            row,
            session.get_one(OrderLine, row.line_id, populate_existing=True)
            if row.line_id is not None
            else session.get_one(CompanyOrder, row.company_order_id, populate_existing=True),
        )
        for row in rows
    ]

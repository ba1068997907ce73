"""Refunds: reserve the amount, command the provider, then take back the recorded rows."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.catalog.models import Variant
from marketplace.checkout.service.holding import hold_funds, hold_unsent, keep_debts
from marketplace.checkout.service.releasing import release_top_up
from marketplace.checkout.service.reserving import (
    asked_of_lines,
    let_go,
    reserve_again,
    top_up_left,
)
from marketplace.checkout.service.taking_back import (
    back_in_pools,
    companies_of,
    rows_of,
    taken_back,
)
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import Kind
from marketplace.orders import queries as orders
from marketplace.orders.models import (
    CompanyOrder,
    CompanyOrderState,
    Order,
    OrderLine,
    OrderState,
    Refund,
    RefundLine,
    RefundState,
)
from marketplace.orders.rules import refund_of_pieces
from marketplace.payments import service as payments
from marketplace.payments.rules import CommandKind


def request_full_refund(
    *, order_id: uuid.UUID, reason: str, requested_by_id: uuid.UUID | None, now: datetime
) -> Refund:
    """Ask for everything of an order that was not given back yet: pieces, parcels, own gift."""
    order = orders.get_order(order_id)
    return request_refund(
        order_id=order_id,
        pieces={
            line.id: line.quantity - line.refunded_quantity
            for line in order.lines
            if line.quantity > line.refunded_quantity
        },
        shipping=[
            part.id
            for part in order.company_orders
            if part.shipping_minor > part.shipping_refunded_minor
        ],
        with_top_up=True,
        reason=reason,
        requested_by_id=requested_by_id,
        now=now,
    )


def request_refund(
    *,
    order_id: uuid.UUID,
    pieces: Mapping[uuid.UUID, int],
    shipping: Collection[uuid.UUID],
    with_top_up: bool = False,
    reason: str,
    requested_by_id: uuid.UUID | None,
    now: datetime,
) -> Refund:
    """Reserve a refund of some pieces and parcels, and put down the command for it.

    `pieces` maps order lines to how many pieces come back, `shipping` names company orders whose
    parcel is given back. The order is locked, so two refunds never give back more than was paid.

    :raises Conflict: the order is not paid, or more is asked than is left.
    :raises Invalid: nothing is asked, or something of another order.
    """
    order = orders.lock_order(order_id)
    if order is None or order.state is not OrderState.PAID:
        raise Conflict(_l("Only a paid order can be refunded."))
    if orders.is_disputed(order.id):
        raise Conflict(_l("The payment is disputed: now the bank decides who gets the money."))
    if not reason.strip():
        raise Invalid(fields={"reason": _l("Say why, for the shopper and for the books.")})
    rows = [
        *_refund_lines(order, pieces),
        *_refund_parcels(order, shipping),
    ]
    top_up = top_up_left(order) if with_top_up else 0
    amount = sum(row.amount_minor for row in rows) + top_up
    if amount <= 0:
        raise Invalid(fields={"pieces": _l("Choose at least one thing to give back.")})
    if order.refund_reserved_minor + amount > order.captured_minor:
        raise Conflict(_l("That is more than is left of what was paid."))
    order.refund_reserved_minor += amount
    refund = Refund(
        order_id=order.id,
        amount_minor=amount,
        top_up_minor=top_up,
        reason=reason.strip(),
        state=RefundState.REQUESTED,
        requested_by_id=requested_by_id,
        requested_at=now,
        lines=rows,
    )
    session.add(refund)
    session.flush()
    _command(order, refund, now)
    return refund


def _command(order: Order, refund: Refund, now: datetime) -> None:
    payments.command(
        kind=CommandKind.REFUND,
        subject_id=refund.id,
        params={
            "payment_intent": order.payment_id,
            "amount": refund.amount_minor,
            "reason": "requested_by_customer",
            "metadata": {"refund": str(refund.id), "order": str(order.id)},
        },
        now=now,
    )


def _refund_lines(order: Order, pieces: Mapping[uuid.UUID, int]) -> list[RefundLine]:
    lines = {
        line.id: line
        for line in session.scalars(
            sa.select(OrderLine)
            .where(OrderLine.order_id == order.id, OrderLine.id.in_(pieces))
            .execution_options(populate_existing=True)
        )
    }
    if set(lines) != set(pieces):
        raise Invalid(fields={"pieces": _l("Something of another order was chosen.")})
    asked = asked_of_lines(order.id)
    rows: list[RefundLine] = []
    for line_id, count in pieces.items():
        line = lines[line_id]
        if count < 1 or count > line.quantity - line.refunded_quantity:
            raise Conflict(_l("More pieces were chosen than are left to give back."))
        amount = refund_of_pieces(
            paid_minor=line.gross_minor - line.discount_minor,
            quantity=line.quantity,
            already=line.refunded_quantity,
            pieces=count,
            asked_minor=asked.get(line.id, 0),
        )
        line.refunded_quantity += count
        if amount:
            rows.append(
                RefundLine(
                    line_id=line.id,
                    company_order_id=line.company_order_id,
                    quantity=count,
                    amount_minor=amount,
                )
            )
    return rows


def _refund_parcels(order: Order, shipping: Collection[uuid.UUID]) -> list[RefundLine]:
    parcels = session.scalars(
        sa.select(CompanyOrder)
        .where(CompanyOrder.order_id == order.id, CompanyOrder.id.in_(shipping))
        .execution_options(populate_existing=True)
    ).all()
    if len(parcels) != len(set(shipping)):
        raise Invalid(fields={"shipping": _l("A parcel of another order was chosen.")})
    rows: list[RefundLine] = []
    for parcel in parcels:
        left = parcel.shipping_minor - parcel.shipping_refunded_minor
        if left:
            parcel.shipping_refunded_minor = parcel.shipping_minor
            rows.append(RefundLine(company_order_id=parcel.id, amount_minor=left))
    return rows


def settle_refund(
    *, refund_id: uuid.UUID, provider_id: str, now: datetime, is_told: bool = True
) -> bool:
    """Take back the recorded rows, in proportion, now that the provider has paid. Once.

    What a project was paid already it keeps; the company then owes the amount (rule 8). The
    provider may have done what we took for rejected: what it says it did is the truth.

    :param is_told: whether the shopper gets a letter about it
    :raises Conflict: it was taken for rejected, and others were given its place since.
    """
    refund = session.get(Refund, refund_id)
    if refund is None:
        return False
    order = orders.lock_order(refund.order_id)
    session.refresh(refund)
    if order is None or refund.state is RefundState.DONE:
        return False
    if refund.state is RefundState.REJECTED:
        reserve_again(order, refund)
    hold_unsent(order)
    funds = hold_funds(order)
    entries = taken_back(rows_of(order, refund), funds, companies_of(order.id))
    posted = ledger.post(
        kind=Kind.REFUND,
        effect_key=f"refund:{provider_id}",
        currency=order.currency,
        entries=entries,
        subject_id=order.id,
        effective_at=now,
    )
    if posted is None:
        return False
    order.refunded_minor += refund.amount_minor
    refund.state, refund.provider_id, refund.done_at = RefundState.DONE, provider_id, now
    session.flush()
    put_back_unsent(refund)
    if not orders.is_disputed(order.id):
        release_top_up(order=order, effective_at=now)
    keep_debts(order, funds, f"refund:{provider_id}", now)
    campaigns.count_back(back=back_in_pools(entries))
    if is_told:
        jobs.enqueue("refund_mail", refund_id=str(refund.id))
    return True


def put_back_unsent(refund: Refund) -> None:
    """Put pieces that were never sent back on the shelf; a parcel without pieces is cancelled."""
    unsent = session.execute(
        sa.select(OrderLine.variant_id, RefundLine.quantity, CompanyOrder.id)
        .join(OrderLine, OrderLine.id == RefundLine.line_id)
        .join(CompanyOrder, CompanyOrder.id == RefundLine.company_order_id)
        .where(RefundLine.refund_id == refund.id, CompanyOrder.state == CompanyOrderState.TO_SEND)
        .order_by(OrderLine.variant_id)
    ).all()
    for variant_id, quantity, _company_order_id in unsent:
        session.execute(
            sa.update(Variant)
            .where(Variant.id == variant_id)
            .values(on_hand=Variant.on_hand + quantity)
        )
    for company_order_id in {row[2] for row in unsent}:
        left = session.scalar(
            sa.select(sa.func.sum(OrderLine.quantity - OrderLine.refunded_quantity)).where(
                OrderLine.company_order_id == company_order_id
            )
        )
        if not left:
            session.execute(
                sa.update(CompanyOrder)
                .where(CompanyOrder.id == company_order_id)
                .values(state=CompanyOrderState.CANCELLED)
            )


def undo_refund(*, refund_id: uuid.UUID) -> None:
    """Let go what a refund had reserved, after the provider refused it for good."""
    refund = session.get(Refund, refund_id)
    if refund is None:
        return
    order = orders.lock_order(refund.order_id)
    session.refresh(refund)
    if order is None or refund.state is not RefundState.REQUESTED:
        return
    refund.state = RefundState.REJECTED
    let_go(order, refund)

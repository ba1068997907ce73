"""Reads of invoices, credit notes and what they are written of."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.orders.models import CompanyOrder, Refund, RefundLine, RefundState
from marketplace.papers.models import Invoice, Seller


def find_seller(company_id: uuid.UUID) -> Seller | None:
    """Return what a company's invoices say of it, if its owner has written it."""
    return session.get(Seller, company_id)


def lock_part(company_order_id: uuid.UUID) -> CompanyOrder:
    """Return a company's part of an order with all that an invoice says, held until the commit.

    :raises NotFound: no such part.
    """
    found = session.scalar(
        sa.select(CompanyOrder)
        .where(CompanyOrder.id == company_order_id)
        .options(
            joinedload(CompanyOrder.order),
            joinedload(CompanyOrder.company),
            selectinload(CompanyOrder.lines),
        )
        .with_for_update(of=CompanyOrder, key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def list_refunded(company_order_id: uuid.UUID) -> Sequence[Refund]:
    """Return the refunds that gave something of a part back, in the order of being done."""
    return session.scalars(
        sa.select(Refund)
        .where(
            Refund.state == RefundState.DONE,
            sa.exists().where(
                RefundLine.refund_id == Refund.id, RefundLine.company_order_id == company_order_id
            ),
        )
        .options(selectinload(Refund.lines))
        .order_by(Refund.done_at, Refund.id)
    ).all()


def list_invoices(company_order_ids: Sequence[uuid.UUID]) -> Sequence[Invoice]:
    """Return the invoices and credit notes of some parts, in the order of writing."""
    return session.scalars(
        sa.select(Invoice)
        .where(Invoice.company_order_id.in_(company_order_ids))
        .order_by(Invoice.issued_at, Invoice.kind.desc(), Invoice.serial)
    ).all()


def get_invoice(invoice_id: uuid.UUID, company_order_ids: Sequence[uuid.UUID]) -> Invoice:
    """Return an invoice or credit note of one of some parts.

    :raises NotFound: there is none; another's is none either.
    """
    found = session.scalar(
        sa.select(Invoice).where(
            Invoice.id == invoice_id, Invoice.company_order_id.in_(company_order_ids)
        )
    )
    if found is None:
        raise NotFound
    return found


_WITHOUT = sa.text(
    """
    select id from (
        select part.id, customer_order.paid_at as at
        from customer_order
        join company_order part on part.order_id = customer_order.id
        where customer_order.placed_at >= :since and customer_order.state = 'paid'
          and not exists (select from invoice where company_order_id = part.id)
        union
        select line.company_order_id, min(refund.done_at)
        from refund join refund_line line on line.refund_id = refund.id
        where refund.state = 'done' and refund.done_at >= :since
          and not exists (select from invoice
              where company_order_id = line.company_order_id and refund_id = refund.id)
        group by line.company_order_id
    ) wanted
    order by at, id
    limit :most
    """
)


def list_without_papers(since: datetime, most: int = 200) -> list[uuid.UUID]:
    """Return the parts of orders since a time whose papers are not all written, the oldest first.

    What is older gets its papers when somebody asks for them.
    """
    return list(session.scalars(_WITHOUT, {"since": since, "most": most}))

"""Reads of invoices, credit notes and what they are written of."""

import uuid
from collections.abc import Collection, Sequence
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


def list_sellers(company_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Seller]:
    """Return what companies' invoices say of them, by company, where the owner has written it."""
    found = session.scalars(sa.select(Seller).where(Seller.company_id.in_(company_ids)))
    return {seller.company_id: seller for seller in found}


_TO_INVOICE = (
    sa.select(CompanyOrder)
    .options(
        joinedload(CompanyOrder.order),
        joinedload(CompanyOrder.company),
        selectinload(CompanyOrder.lines),
    )
    .with_for_update(of=CompanyOrder, key_share=True)
    .execution_options(populate_existing=True)
)


def lock_part(company_order_id: uuid.UUID) -> CompanyOrder:
    """Return a company's part of an order with all that an invoice says, held until the commit.

    :raises NotFound: no such part.
    """
    found = session.scalar(_TO_INVOICE.where(CompanyOrder.id == company_order_id))
    if found is None:
        raise NotFound
    return found


def lock_parts(company_order_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, CompanyOrder]:
    """Return several parts, by id, held as one is: locked in the order of their ids."""
    wanted = _TO_INVOICE.where(CompanyOrder.id.in_(company_order_ids)).order_by(CompanyOrder.id)
    return {part.id: part for part in session.scalars(wanted)}


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


MOST_AT_ONCE = 4_000
"""Every ten minutes; a shop that sells more an hour writes the rest when somebody asks."""

_WITHOUT_INVOICE = sa.text(
    """
    select part.id
    from customer_order
    join company_order part on part.order_id = customer_order.id
    where customer_order.placed_at >= :since and customer_order.state = 'paid'
      and not exists (select from invoice where company_order_id = part.id)
    order by customer_order.paid_at, part.id
    limit :most
    """
)
_WITHOUT_CREDIT_NOTE = sa.text(
    """
    select line.company_order_id
    from refund join refund_line line on line.refund_id = refund.id
    where refund.state = 'done' and refund.done_at >= :since
      and not exists (select from invoice
          where company_order_id = line.company_order_id and refund_id = refund.id)
    group by line.company_order_id
    order by min(refund.done_at), line.company_order_id
    limit :most
    """
)


def list_without_invoice(since: datetime, most: int = MOST_AT_ONCE) -> list[uuid.UUID]:
    """Return the parts of paid orders since a time that have no invoice yet, the oldest first.

    What is older gets its papers when somebody asks for them.
    """
    return list(session.scalars(_WITHOUT_INVOICE, {"since": since, "most": most}))


def list_without_credit_notes(since: datetime, most: int = 200) -> list[uuid.UUID]:
    """Return the parts of which something was given back since a time, and not credited yet."""
    return list(session.scalars(_WITHOUT_CREDIT_NOTE, {"since": since, "most": most}))

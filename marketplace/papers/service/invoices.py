"""Invoices for each company's part of an order, and credit notes for what was given back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.money import net_of
from marketplace.orders.models import CompanyOrder, OrderState, Refund
from marketplace.papers import queries
from marketplace.papers.models import Invoice, Seller
from marketplace.papers.rules import InvoiceKind, Item, credited
from marketplace.papers.service.numbering import next_serial


def write_papers(*, company_order_id: uuid.UUID, now: datetime) -> Sequence[Invoice]:
    """Write what is missing of a part's invoice and credit notes; return all of them.

    An order that was not paid has none. Called twice at once, the second waits for the first.
    """
    part = queries.lock_part(company_order_id)
    if part.order.state is not OrderState.PAID:
        return []
    known = queries.list_invoices([part.id])
    by_refund = {one.refund_id for one in known}
    if None not in by_refund:
        _write(part, None, _bought(part), {}, now)
    back: dict[uuid.UUID | None, int] = {}
    for refund in queries.list_refunded(part.id):
        items = _given_back(part, refund, back)
        if refund.id not in by_refund:
            _write(part, refund, items, {"reason": refund.reason}, now)
    session.flush()
    return queries.list_invoices([part.id])


def _write(
    part: CompanyOrder,
    refund: Refund | None,
    items: Sequence[Item],
    more: Mapping[str, str],
    now: datetime,
) -> None:
    kind = InvoiceKind.CREDIT_NOTE if refund else InvoiceKind.INVOICE
    session.add(
        Invoice(
            id=new_id(),
            kind=kind,
            company_id=part.company_id,
            company_order_id=part.id,
            refund_id=refund.id if refund else None,
            year=now.year,
            serial=next_serial(f"{kind}:{part.company_id}", now.year),
            currency=part.order.currency,
            gross_minor=sum(item.gross_minor for item in items),
            told=_told(part) | {"items": [asdict(item) for item in items]} | dict(more),
            issued_at=now,
        )
    )
    session.flush()


def _told(part: CompanyOrder) -> dict[str, object]:
    """Return who sells to whom, and when: as it is now, for good."""
    order, company = part.order, part.company
    seller = queries.find_seller(part.company_id)
    return {
        "seller": {
            "name": seller.legal_name if seller else company.name,
            "address": seller.address if seller else company.city,
            "country": company.country,
            "vat_number": seller.vat_number if seller else "",
            "registration": seller.registration if seller else "",
        },
        "buyer": {
            "name": order.name,
            "address": f"{order.street}\n{order.postal_code} {order.city}",
            "country": order.country,
        },
        "order": part.number,
        "paid_on": (order.paid_at or order.placed_at).date().isoformat(),
        "sent_on": part.sent_at.date().isoformat() if part.sent_at else None,
        "locale": order.locale,
    }


def _bought(part: CompanyOrder) -> list[Item]:
    """Return what was bought, the parcel last."""
    items = [
        Item(
            ", ".join(filter(None, [line.title, line.variant_title])),
            line.quantity,
            line.gross_minor - line.discount_minor,
            line.net_minor,
            line.vat_bp,
        )
        for line in part.lines
    ]
    if part.shipping_minor:
        rate = part.shipping_vat_bp
        net = net_of(part.shipping_minor, rate)
        items.append(Item("", 1, part.shipping_minor, net, rate))
    return items


def _given_back(
    part: CompanyOrder, refund: Refund, back: dict[uuid.UUID | None, int]
) -> list[Item]:
    """Return what a refund gave back, by thing; `back` counts what was given back so far."""
    lines = {line.id: line for line in part.lines}
    items: list[Item] = []
    for row in refund.lines:
        if row.company_order_id != part.id:
            continue
        line = lines.get(row.line_id) if row.line_id else None
        rate = line.vat_bp if line else part.shipping_vat_bp
        net = credited(row.amount_minor, back.get(row.line_id, 0), rate)
        back[row.line_id] = back.get(row.line_id, 0) + row.amount_minor
        title = ", ".join(filter(None, [line.title, line.variant_title])) if line else ""
        items.append(Item(title, row.quantity or 1, row.amount_minor, net, rate))
    return items


def say_seller(
    *, company_id: uuid.UUID, said: Mapping[str, str], by: User, now: datetime
) -> Seller:
    """Change what a company's next invoices say of it; those that exist stay as they are."""
    seller = session.get(Seller, company_id, with_for_update=True)
    if seller is None:
        seller = Seller(company_id=company_id)
        session.add(seller)
    for name in ("legal_name", "address", "vat_number", "registration"):
        setattr(seller, name, said[name])
    seller.changed_at = now
    session.flush()
    accounts.record(
        actor=by,
        action="company.invoicing",
        subject_kind="company",
        subject_id=company_id,
        reason=", ".join(filter(None, [seller.legal_name, seller.vat_number])),
        now=now,
    )
    return seller

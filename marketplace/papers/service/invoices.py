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
        told = _told(part, queries.find_seller(part.company_id))
        session.add(_paper(part, None, _bought(part), told, now))
    back: dict[uuid.UUID | None, int] = {}
    for refund in queries.list_refunded(part.id):
        items = _given_back(part, refund, back)
        if refund.id not in by_refund:
            told = _told(part, queries.find_seller(part.company_id)) | {"reason": refund.reason}
            session.add(_paper(part, refund, items, told, now))
    session.flush()
    return queries.list_invoices([part.id])


def write_invoices(*, company_order_ids: Sequence[uuid.UUID], now: datetime) -> None:
    """Write the invoices that are missing of some parts, each company's in the order of the parts.

    All parts are locked first, then the companies' series in their order, so that nobody who
    writes one of them meanwhile and we wait for each other.
    """
    parts = queries.lock_parts(company_order_ids)
    have_one = {one.company_order_id for one in queries.list_invoices(company_order_ids)}
    sellers = queries.list_sellers({part.company_id for part in parts.values()})
    missing = [parts[number] for number in company_order_ids if number not in have_one]
    session.add_all(
        [
            _paper(part, None, _bought(part), _told(part, sellers.get(part.company_id)), now)
            for part in sorted(missing, key=lambda part: part.company_id)
            if part.order.state is OrderState.PAID
        ]
    )
    session.flush()


def _paper(
    part: CompanyOrder,
    refund: Refund | None,
    items: Sequence[Item],
    told: Mapping[str, object],
    now: datetime,
) -> Invoice:
    kind = InvoiceKind.CREDIT_NOTE if refund else InvoiceKind.INVOICE
    return Invoice(
        id=new_id(),
        kind=kind,
        company_id=part.company_id,
        company_order_id=part.id,
        refund_id=refund.id if refund else None,
        year=now.year,
        serial=next_serial(f"{kind}:{part.company_id}", now.year),
        currency=part.order.currency,
        gross_minor=sum(item.gross_minor for item in items),
        told={**told, "items": [asdict(item) for item in items]},
        issued_at=now,
    )


def _told(part: CompanyOrder, seller: Seller | None) -> dict[str, object]:
    """Return who sells to whom, and when: as it is now, for good."""
    order, company = part.order, part.company
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

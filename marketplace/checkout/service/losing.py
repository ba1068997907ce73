"""A dispute that is lost: what the bank took comes out of what was frozen (domain.md, rule 9)."""

from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.checkout import rules
from marketplace.checkout.service.owing import paid_from_due
from marketplace.checkout.service.refunding import put_back_unsent, undo_refund
from marketplace.checkout.service.repaying import close_taken
from marketplace.checkout.service.taking_back import (
    Parts,
    back_in_pools,
    companies_of,
    goes_back_to,
    owed,
)
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Entry, Kind, Purpose
from marketplace.orders import queries as orders
from marketplace.orders.models import (
    CompanyOrder,
    Dispute,
    Order,
    OrderLine,
    Refund,
    RefundLine,
    RefundState,
)


def lose(order: Order, dispute: Dispute, parts: Parts, now: datetime) -> None:
    """Take back what the bank took: first what was frozen; what is missing the company owes."""
    if ledger_queries.is_posted(f"dispute:{dispute.id}:lost"):
        return
    standings = ledger_queries.list_standings(order.id)
    owing = companies_of(order.id)
    entries: list[Entry] = []
    for row, part in parts:
        left = part
        stands = standings.get(row.transfer_id, ())
        for account, piece in _frozen_first(stands, part):
            to = goes_back_to(row)
            entries.append(Entry(account, to, piece, row.line_id, origin_id=row.transfer_id))
            left -= piece
        if not row.pool_id:
            entries.append(owed(row, left, owing.get(row.line_id)))
    paid = [(row, part) for row, part in parts if not row.pool_id]
    entries += _of_failed_refunds(order, dispute, paid)
    _refund_row(order, dispute, paid, now)
    ledger.post(
        kind=Kind.DISPUTE_LOST,
        effect_key=f"dispute:{dispute.id}:lost",
        currency=order.currency,
        entries=entries,
        subject_id=order.id,
        effective_at=now,
    )
    campaigns.count_back(back=back_in_pools(entries))
    close_taken(order=order, currency=order.currency, now=now)


def _of_failed_refunds(order: Order, dispute: Dispute, parts: Parts) -> list[Entry]:
    """Return what the bank took beyond what is left of the order: a refund that came back to us."""
    beyond = dispute.amount_minor - sum(part for _row, part in parts)
    if beyond <= 0 or not orders.list_owed_of_order(order.id):
        return []
    return paid_from_due(order.id, order.currency, beyond)


def _frozen_first(stands: rules.Places, part: int) -> list[tuple[AccountKey, int]]:
    """Return what of a row was frozen, or is income of ours; nothing else is touched."""
    ours = [
        one for one in stands if one.account.purpose in (Purpose.DISPUTE_HOLD, Purpose.COMMISSION)
    ]
    return rules.take_from(ours, part)


def _refund_row(order: Order, dispute: Dispute, parts: Parts, now: datetime) -> None:
    """Write down what the bank gave back as what it is: a refund that nobody asked us for."""
    by_line: dict[object, int] = {}
    for row, part in parts:
        by_line[row.line_id] = by_line.get(row.line_id, 0) + part
    amount = sum(by_line.values())
    if not amount:
        return
    _make_room(order, amount)
    is_whole = order.refunded_minor + amount == order.captured_minor
    refund = Refund(
        id=new_id(),
        order_id=order.id,
        amount_minor=amount,
        top_up_minor=by_line.get(None, 0),
        reason=f"Taken back by the bank: {dispute.reason}",
        state=RefundState.DONE,
        provider_id=dispute.id,
        requested_at=dispute.opened_at,
        done_at=now,
        lines=[*_lines(order, by_line, is_whole=is_whole), *_parcels(order, by_line)],
    )
    session.add(refund)
    order.refund_reserved_minor += amount
    order.refunded_minor += amount
    session.flush()
    put_back_unsent(refund)


def _make_room(order: Order, amount: int) -> None:
    """Let go refunds that cannot be made: the provider makes none of a disputed payment."""
    waiting = session.scalars(
        sa.select(Refund.id)
        .where(Refund.order_id == order.id, Refund.state == RefundState.REQUESTED)
        .order_by(Refund.requested_at.desc())
    ).all()
    for refund_id in waiting:
        if order.refund_reserved_minor + amount > order.captured_minor:
            undo_refund(refund_id=refund_id)


def _lines(order: Order, by_line: dict[object, int], *, is_whole: bool) -> list[RefundLine]:
    """Return what is taken back of each line, and all its pieces if nothing is left at all."""
    rows: list[RefundLine] = []
    for line in session.scalars(sa.select(OrderLine).where(OrderLine.order_id == order.id)):
        if minor := by_line.get(line.id, 0):
            pieces = line.quantity - line.refunded_quantity if is_whole else 0
            line.refunded_quantity += pieces
            rows.append(
                RefundLine(
                    line_id=line.id,
                    company_order_id=line.company_order_id,
                    quantity=pieces,
                    amount_minor=minor,
                )
            )
    return rows


def _parcels(order: Order, by_line: dict[object, int]) -> list[RefundLine]:
    rows: list[RefundLine] = []
    for part in session.scalars(sa.select(CompanyOrder).where(CompanyOrder.order_id == order.id)):
        if minor := by_line.get(part.id, 0):
            part.shipping_refunded_minor += minor
            rows.append(RefundLine(company_order_id=part.id, amount_minor=minor))
    return rows

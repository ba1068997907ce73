"""The inverse of what was captured: which accounts a refund comes out of (domain.md, 7 and 8)."""

import uuid

import sqlalchemy as sa

from marketplace.checkout import rules
from marketplace.checkout.service.holding import Funds
from marketplace.core.db import session
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Purpose, Remainder
from marketplace.orders.models import CompanyOrder, Order, OrderLine, Refund, RefundLine


def taken_back(order: Order, refund: Refund, held: Funds) -> list[Entry]:
    """Return the inverse of the captured rows of what is given back, out of what is held."""
    refunded = session.scalars(sa.select(RefundLine).where(RefundLine.refund_id == refund.id)).all()
    wanted: dict[uuid.UUID | None, int] = {
        row.line_id or row.company_order_id: row.amount_minor for row in refunded
    }
    recorded = ledger_queries.list_remainders(
        order.id, [line for line in wanted if line], with_top_up=bool(refund.top_up_minor)
    )
    company_of = {
        row.line_id: row.credit_owner_id
        for row in recorded
        if Purpose(row.credit_purpose) is Purpose.COMPANY_PENDING
    }
    released = _released_lines(order.id)
    purse = _Purse(held)
    entries: list[Entry] = []
    if refund.top_up_minor:
        wanted[None] = refund.top_up_minor
    for line_id, amount in wanted.items():
        rows = [row for row in recorded if row.line_id == line_id]
        for row, part in rules.take_back(rows, amount):
            where = rules.credited(row)
            if line_id in released:
                where = rules.released(where)
            entries += purse.pay_back(row, where, part, company_of.get(line_id))
    return entries


def _released_lines(order_id: uuid.UUID) -> set[uuid.UUID | None]:
    """Return the lines and company orders whose money was released; None stands for the top-up."""
    parts = session.execute(
        sa.select(CompanyOrder.id, CompanyOrder.released_at, OrderLine.id)
        .join(OrderLine, OrderLine.company_order_id == CompanyOrder.id)
        .where(CompanyOrder.order_id == order_id)
    ).all()
    done: set[uuid.UUID | None] = set()
    for company_order_id, released_at, line_id in parts:
        if released_at is not None:
            done |= {company_order_id, line_id}
    if ledger_queries.is_posted(f"release:{order_id}:top_up"):
        done.add(None)
    return done


class _Purse:
    """Takes from accounts what they have; the rest is owed by the company (rules 8 and 16)."""

    def __init__(self, held: Funds) -> None:
        self._left = dict(held)

    def pay_back(
        self, row: Remainder, where: AccountKey, amount_minor: int, company_id: uuid.UUID | None
    ) -> list[Entry]:
        """Return the entries that bring an amount of a captured row back to the provider."""
        if where.purpose is Purpose.COMMISSION:
            return [Entry(where, CLEARING, amount_minor, row.line_id, origin_id=row.transfer_id)]
        there = min(amount_minor, max(self._left[where], 0))
        self._left[where] -= there
        entries = [Entry(where, CLEARING, there, row.line_id, origin_id=row.transfer_id)]
        if missing := amount_minor - there:
            # The shopper's own gift was promised by no company: there the platform bears it.
            owing = (
                AccountKey(Purpose.COMPANY_RECEIVABLE, company_id)
                if company_id
                else AccountKey(Purpose.LOSSES)
            )
            entries.append(Entry(owing, CLEARING, missing, row.line_id, origin_id=row.transfer_id))
        return entries

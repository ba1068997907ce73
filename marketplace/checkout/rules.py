"""What is posted when an order is paid, released or given back: pure arithmetic over its rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from marketplace.core.money import split
from marketplace.ledger.rules import (
    CLEARING,
    COMMISSION,
    AccountKey,
    Entry,
    Purpose,
    Remainder,
    Source,
)

if TYPE_CHECKING:
    from marketplace.orders.models import Allocation, CompanyOrder, Order, OrderLine

RELEASED = {
    Purpose.COMPANY_PENDING: Purpose.COMPANY_AVAILABLE,
    Purpose.PROJECT_PENDING: Purpose.PROJECT_AVAILABLE,
}
"""Where money goes when the return window has closed."""


def capture(order: Order) -> list[Entry]:
    """Return what is posted when an order is paid: each cent to whom it is for."""
    entries: list[Entry] = []
    for company_order in order.company_orders:
        entries += [_shipping(company_order)]
    given: dict[uuid.UUID | None, list[Allocation]] = {}
    for allocation in order.allocations:
        given.setdefault(allocation.line_id, []).append(allocation)
    for line in order.lines:
        entries += _line(line)
        entries += [_allocation(allocation) for allocation in given.get(line.id, [])]
    entries += [_allocation(allocation) for allocation in given.get(None, [])]
    return entries


def _shipping(company_order: CompanyOrder) -> Entry:
    to = AccountKey(Purpose.COMPANY_PENDING, company_order.company_id)
    return Entry(CLEARING, to, company_order.shipping_minor, line_id=company_order.id)


def _line(line: OrderLine) -> list[Entry]:
    to = AccountKey(Purpose.COMPANY_PENDING, line.company_id)
    return [
        Entry(CLEARING, to, line.company_minor, line_id=line.id),
        Entry(CLEARING, COMMISSION, line.commission_minor, line_id=line.id),
    ]


def _allocation(allocation: Allocation) -> Entry:
    to = AccountKey(Purpose.PROJECT_PENDING, allocation.project_id, allocation.source)
    return Entry(
        CLEARING,
        to,
        allocation.amount_minor,
        line_id=allocation.line_id,
        allocation_id=allocation.id,
    )


def credited(row: Remainder) -> AccountKey:
    """Return the account that a captured row went to."""
    source = Source(row.credit_source) if row.credit_source else None
    return AccountKey(Purpose(row.credit_purpose), row.credit_owner_id, source)


def released(key: AccountKey) -> AccountKey:
    """Return where an account's money goes at its release; commission stays where it is."""
    return AccountKey(RELEASED.get(key.purpose, key.purpose), key.owner_id, key.source)


def release(rows: Sequence[Remainder]) -> list[Entry]:
    """Return what is posted when a return window has closed: what was not given back moves on."""
    return [
        Entry(
            credited(row),
            released(credited(row)),
            row.left_minor,
            line_id=row.line_id,
            origin_id=row.transfer_id,
        )
        for row in rows
        if row.left_minor and credited(row).purpose in RELEASED
    ]


def take_back(rows: Sequence[Remainder], amount_minor: int) -> list[tuple[Remainder, int]]:
    """Return how much of each recorded row a refund takes back, in the rows' own proportions.

    By the largest remainder over what is left of each row: no row gives more than it has, and
    refunding all leaves exactly zero (domain.md, rule 7).
    """
    parts = split(amount_minor, [row.left_minor for row in rows])
    return [(row, part) for row, part in zip(rows, parts, strict=True) if part]

"""The inverse of what was captured: which accounts money goes back from (domain.md, 7 to 9)."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from marketplace.checkout import rules
from marketplace.checkout.service.holding import Funds
from marketplace.core.db import session
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Purpose, Remainder
from marketplace.orders.models import Order, Refund, RefundLine

Parts = Sequence[tuple[Remainder, int]]
"""Captured rows, and how much of each is meant."""


def rows_of(order: Order, refund: Refund) -> Parts:
    """Return how much of each captured row a refund takes back.

    :raises ValueError: it wants more of a line than is left of it.
    """
    refunded = session.scalars(sa.select(RefundLine).where(RefundLine.refund_id == refund.id)).all()
    wanted: dict[uuid.UUID | None, int] = {
        row.line_id or row.company_order_id: row.amount_minor for row in refunded
    }
    recorded = ledger_queries.list_remainders(
        order.id, [line for line in wanted if line], with_top_up=bool(refund.top_up_minor)
    )
    if refund.top_up_minor:
        wanted[None] = refund.top_up_minor
    parts: list[tuple[Remainder, int]] = []
    for line_id, amount in wanted.items():
        parts += rules.take_back([row for row in recorded if row.line_id == line_id], amount)
    return parts


def taken_back(
    parts: Parts, funds: Funds, owing: Mapping[uuid.UUID | None, uuid.UUID]
) -> list[Entry]:
    """Return the entries that bring parts of captured rows back to the provider.

    Each comes out of the accounts where the row's money stands; `owing` says which company answers
    for which line where nothing is there any more. What a sponsor added goes back to its pool; what
    a project was paid of that already it keeps, and nobody owes it.
    """
    purse = Purse(funds.there)
    entries: list[Entry] = []
    for row, part in parts:
        left = part
        for account, piece in rules.take_from(funds.standings.get(row.transfer_id, ()), part):
            there = purse.take(account, piece)
            to = goes_back_to(row)
            entries.append(Entry(account, to, there, row.line_id, origin_id=row.transfer_id))
            left -= there
        if not row.pool_id:
            entries.append(owed(row, left, owing.get(row.line_id)))
    return entries


def goes_back_to(row: Remainder) -> AccountKey:
    """Return whose money a captured row was: the shopper's at the provider, or a sponsor's."""
    return rules.pool_account(row.pool_id) if row.pool_id else CLEARING


def back_in_pools(entries: Sequence[Entry]) -> dict[uuid.UUID, int]:
    """Return what some entries bring back to which pool."""
    found: dict[uuid.UUID, int] = {}
    for entry in entries:
        pool = entry.credit.owner_id
        if entry.credit.purpose is Purpose.MATCHING_POOL and pool is not None:
            found[pool] = found.get(pool, 0) + entry.amount_minor
    return found


def owed(row: Remainder, minor: int, company_id: uuid.UUID | None) -> Entry:
    """Return the entry for what nobody has any more: the company owes it (rules 8 and 16).

    The shopper's own gift was promised by no company: there the platform bears it.
    """
    debtor = (
        AccountKey(Purpose.COMPANY_RECEIVABLE, company_id)
        if company_id
        else AccountKey(Purpose.LOSSES)
    )
    return Entry(debtor, CLEARING, minor, row.line_id, origin_id=row.transfer_id)


def companies_of(order_id: uuid.UUID) -> dict[uuid.UUID | None, uuid.UUID]:
    """Return the company behind each line and parcel of an order that was paid."""
    return {
        row.line_id: row.credit_owner_id
        for row in ledger_queries.list_remainders(order_id)
        if Purpose(row.credit_purpose) is Purpose.COMPANY_PENDING and row.credit_owner_id
    }


class Purse:
    """Takes from accounts what they have, and no more."""

    def __init__(self, there: Mapping[AccountKey, int]) -> None:
        self._left = dict(there)

    def take(self, account: AccountKey, amount_minor: int) -> int:
        """Return how much of an amount is there, and remember that it is taken."""
        if account not in self._left:  # income: it may fall below zero
            return amount_minor
        there = min(amount_minor, max(self._left[account], 0))
        self._left[account] -= there
        return there

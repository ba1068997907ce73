"""Our own money at our own bank."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.core.paging import Page, page_of
from marketplace.reconciliation.models import BankPayout

PER_PAGE = 50


@dataclass(frozen=True)
class OwnMoney:
    """What is the platform's own in a currency, and how much of it is at our bank already."""

    currency: str
    earned_minor: int
    """Commission less fees and losses, wherever it is."""
    at_bank_minor: int

    @property
    def left_minor(self) -> int:
        """Return what may still go to our bank; below zero where too much went."""
        return self.earned_minor - self.at_bank_minor


_OWN_MONEY = sa.text(
    """
    select currency, coalesce(sum(balance_minor) filter (
            where nature in ('income', 'expense')), 0)::bigint,
        coalesce(-sum(balance_minor) filter (where purpose = 'platform_bank'), 0)::bigint
    from ledger_account_balance
    where nature in ('income', 'expense') or purpose = 'platform_bank'
    group by currency order by currency
    """
)


def list_own_money() -> list[OwnMoney]:
    """Return the platform's own money, by currency."""
    return [OwnMoney(*row) for row in session.execute(_OWN_MONEY)]


def list_bank_payouts(*, before: tuple[datetime, str] | None = None) -> Page[BankPayout]:
    """Return a page of what the provider sent to our own bank, the newest first."""
    place = sa.tuple_(BankPayout.sent_at, BankPayout.id)
    query = (
        sa.select(BankPayout)
        .order_by(BankPayout.sent_at.desc(), BankPayout.id.desc())
        .limit(PER_PAGE + 1)
    )
    if before:
        query = query.where(place < before)
    rows = session.scalars(query).all()
    return page_of(rows, PER_PAGE, lambda row: (row.sent_at.isoformat(), row.id))

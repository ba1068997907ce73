"""How the books are kept: which account stands where, and what a line of the book says."""

import uuid
from dataclasses import dataclass

from marketplace.ledger.models import Nature, Purpose, Source

NATURES = {
    Purpose.PROVIDER_CLEARING: Nature.ASSET,
    Purpose.COMPANY_PENDING: Nature.LIABILITY,
    Purpose.COMPANY_AVAILABLE: Nature.LIABILITY,
    Purpose.COMPANY_RECEIVABLE: Nature.ASSET,
    Purpose.PROJECT_PENDING: Nature.LIABILITY,
    Purpose.PROJECT_AVAILABLE: Nature.LIABILITY,
    Purpose.PAYOUT_IN_FLIGHT: Nature.LIABILITY,
    Purpose.DISPUTE_HOLD: Nature.LIABILITY,
    Purpose.MATCHING_POOL: Nature.LIABILITY,
    Purpose.GIFT_CREDIT: Nature.LIABILITY,
    Purpose.REFUND_DUE: Nature.LIABILITY,
    Purpose.COMMISSION: Nature.INCOME,
    Purpose.PROVIDER_FEES: Nature.EXPENSE,
    Purpose.DISPUTE_FEES: Nature.EXPENSE,
    Purpose.LOSSES: Nature.EXPENSE,
}


def may_be_negative(purpose: Purpose) -> bool:
    """Say whether credits less debits may fall below zero: for all but what we owe to somebody."""
    return NATURES[purpose] is not Nature.LIABILITY


@dataclass(frozen=True)
class AccountKey:
    """Names an account; the currency comes with the posting."""

    purpose: Purpose
    owner_id: uuid.UUID | None = None
    source: Source | None = None


@dataclass(frozen=True)
class Entry:
    """An amount from one account to another, before it is posted."""

    debit: AccountKey
    credit: AccountKey
    amount_minor: int
    line_id: uuid.UUID | None = None
    allocation_id: uuid.UUID | None = None
    origin_id: int | None = None


CLEARING = AccountKey(Purpose.PROVIDER_CLEARING)
COMMISSION = AccountKey(Purpose.COMMISSION)
PROVIDER_FEES = AccountKey(Purpose.PROVIDER_FEES)

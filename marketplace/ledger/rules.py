"""How the books are kept: which account stands where, and what a line of the book says."""

import enum
import uuid
from dataclasses import dataclass


class Nature(enum.StrEnum):
    """Which side of the books an account stands on."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"


class Purpose(enum.StrEnum):
    """What an account is for."""

    PROVIDER_CLEARING = "provider_clearing"
    COMPANY_PENDING = "company_pending"
    COMPANY_AVAILABLE = "company_available"
    COMPANY_RECEIVABLE = "company_receivable"
    PROJECT_PENDING = "project_pending"
    PROJECT_AVAILABLE = "project_available"
    PAYOUT_IN_FLIGHT = "payout_in_flight"
    DISPUTE_HOLD = "dispute_hold"
    MATCHING_POOL = "matching_pool"
    POOL_HOLD = "pool_hold"
    """What a dispute over a sponsor's payment froze of its pool."""
    GIFT_CREDIT = "gift_credit"
    COMMISSION = "commission"
    PROVIDER_FEES = "provider_fees"
    DISPUTE_FEES = "dispute_fees"
    LOSSES = "losses"
    REFUND_DUE = "refund_due"
    """Owed back to a shopper whose payment could not be used, or whom a refund did not reach."""
    PLATFORM_BANK = "platform_bank"
    """What the provider paid out to our own bank; what is ours only."""


class Source(enum.StrEnum):
    """Whose money goes to a project: the company's, the shopper's own, a sponsor's pool."""

    PLEDGE = "pledge"
    TOP_UP = "top_up"
    MATCH = "match"


class Kind(enum.StrEnum):
    """What happened."""

    CAPTURE = "capture"
    FEE = "fee"
    RELEASE = "release"
    REFUND = "refund"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_FEE = "dispute_fee"
    DISPUTE_FEE_BACK = "dispute_fee_back"
    REROUTE = "reroute"
    """Money of an order goes to other projects: chosen anew, or a project was closed."""
    NETTING = "netting"
    """What a company owes is kept from what it gets."""
    TRANSFER_REVERSED = "transfer_reversed"
    PAYOUT = "payout"
    PAYOUT_SETTLED = "payout_settled"
    PAYOUT_RETURNED = "payout_returned"
    LATE_PAYMENT = "late_payment"
    LATE_PAYMENT_REFUND = "late_payment_refund"
    REFUND_FAILED = "refund_failed"
    """A refund came back to us: the shopper is owed it once more, and nobody else is touched."""
    REFUND_AGAIN = "refund_again"
    REFUND_OTHERWISE = "refund_otherwise"
    """What a refund could not bring was paid from our own bank."""
    BANK_PAYOUT = "bank_payout"
    """The provider sent money of the platform's own to our bank."""
    BANK_PAYOUT_RETURNED = "bank_payout_returned"
    POOL_FUNDED = "pool_funded"
    POOL_GUARANTEE = "pool_guarantee"
    """What a pool that is over still gives to its projects, so that it keeps its word."""
    POOL_RETURNED = "pool_returned"
    POOL_REFUNDED = "pool_refunded"
    """What was left of a pool reached the sponsor who had paid it in at the provider's page."""
    POOL_FROZEN = "pool_frozen"
    """A bank disputes what a sponsor paid in: what is left of the pool is given to nobody."""
    POOL_THAWED = "pool_thawed"
    POOL_TAKEN = "pool_taken"
    """The bank gave the sponsor's payment back: out of the pool, and what it lacks is our loss."""
    POOL_MADE_GOOD = "pool_made_good"
    """What came back to such a pool afterwards covers the loss."""


TAKEN_BACK = (Kind.REFUND, Kind.DISPUTE_LOST)
"""What takes captured money back; reversals of a row never exceed it."""

NATURES = {
    Purpose.PROVIDER_CLEARING: Nature.ASSET,
    Purpose.PLATFORM_BANK: Nature.ASSET,
    Purpose.COMPANY_PENDING: Nature.LIABILITY,
    Purpose.COMPANY_AVAILABLE: Nature.LIABILITY,
    Purpose.COMPANY_RECEIVABLE: Nature.ASSET,
    Purpose.PROJECT_PENDING: Nature.LIABILITY,
    Purpose.PROJECT_AVAILABLE: Nature.LIABILITY,
    Purpose.PAYOUT_IN_FLIGHT: Nature.LIABILITY,
    Purpose.DISPUTE_HOLD: Nature.LIABILITY,
    Purpose.MATCHING_POOL: Nature.LIABILITY,
    Purpose.POOL_HOLD: Nature.LIABILITY,
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


@dataclass(frozen=True)
class Remainder:
    """A captured row of an order line, and how much of it was not taken back."""

    transfer_id: int
    credit_purpose: str
    credit_owner_id: uuid.UUID | None
    credit_source: str | None
    line_id: uuid.UUID | None
    allocation_id: uuid.UUID | None
    captured_minor: int
    left_minor: int
    pool_id: uuid.UUID | None = None
    """The sponsor's pool that it came out of; else it is what the shopper paid."""


@dataclass(frozen=True)
class Standing:
    """How much of a captured row stands on an account: where its money is now."""

    transfer_id: int
    account: AccountKey
    minor: int


@dataclass(frozen=True)
class Recorded:
    """A row of a transaction that is in the book."""

    transfer_id: int
    debit: AccountKey
    credit: AccountKey
    amount_minor: int
    line_id: uuid.UUID | None
    origin_id: int | None


CLEARING = AccountKey(Purpose.PROVIDER_CLEARING)
PLATFORM_BANK = AccountKey(Purpose.PLATFORM_BANK)
COMMISSION = AccountKey(Purpose.COMMISSION)
PROVIDER_FEES = AccountKey(Purpose.PROVIDER_FEES)
DISPUTE_FEES = AccountKey(Purpose.DISPUTE_FEES)

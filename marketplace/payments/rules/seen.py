"""What the provider says, in our own words."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True)
class PaymentSeen:
    """A payment as the provider tells it now."""

    payment_id: str
    order_id: uuid.UUID | None
    is_captured: bool
    currency: str
    amount_minor: int
    charge_id: str | None
    fee_minor: int | None
    captured_at: datetime | None
    pool_payment_id: uuid.UUID | None = None
    """What a sponsor pays into a pool, where it is for no order."""

    @property
    def is_ours(self) -> bool:
        """Say whether we asked for it."""
        return bool(self.order_id or self.pool_payment_id)


@dataclass(frozen=True)
class SessionSeen:
    """A checkout session as the provider tells it now: open, complete or expired."""

    session_id: str
    status: str
    payment: "PaymentSeen | None"
    """What was paid there, once something was tried."""


@dataclass(frozen=True)
class MovementSeen:
    """A row of the provider's statement; amounts are more than zero where money comes in."""

    id: str
    type: str
    source_id: str | None
    """The charge, refund, transfer, dispute or payout that it is about."""
    currency: str
    amount_minor: int
    fee_minor: int
    net_minor: int
    created_at: datetime


@dataclass(frozen=True)
class BankPayoutSeen:
    """What the provider sent from our balance to our bank."""

    id: str
    currency: str
    amount_minor: int
    status: str
    """pending, in_transit, paid, failed or canceled."""
    created_at: datetime

    @property
    def came_to_nothing(self) -> bool:
        """Say whether the money is with the provider still, or again."""
        return self.status in ("failed", "canceled")


@dataclass(frozen=True)
class AccountSeen:
    """A payee's account at the provider as the provider tells it now."""

    account_id: str
    can_be_paid: bool
    has_details: bool
    requirements: tuple[str, ...]
    """What is due, by the provider's names; the same may be due for several reasons."""
    bank_last4: str | None
    bank_fingerprint: str | None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:  # Any: the provider's JSON
        """Return what an account says of itself."""
        banks = (told.get("external_accounts") or {}).get("data") or [{}]
        due = told.get("requirements") or {}
        asked = [*(due.get("past_due") or []), *(due.get("currently_due") or [])]
        capabilities = told.get("capabilities") or {}
        return cls(
            account_id=told["id"],
            can_be_paid=bool(told.get("payouts_enabled"))
            and capabilities.get("transfers") == "active",
            has_details=bool(told.get("details_submitted")),
            requirements=tuple(dict.fromkeys(asked)),
            bank_last4=banks[0].get("last4"),
            bank_fingerprint=banks[0].get("fingerprint"),
        )


@dataclass(frozen=True)
class TransferSeen:
    """A transfer as the provider tells it now."""

    transfer_id: str
    payout_id: uuid.UUID | None
    """Our payout, from the metadata that we sent along."""
    amount_minor: int
    reversed_minor: int
    """What came back of it by itself: without what we commanded."""
    currency: str = ""
    destination: str = ""
    """The payee's account at the provider."""


@dataclass(frozen=True)
class DisputeMovement:
    """What a dispute took from our balance (less than zero) or brought back, and its fee."""

    id: str
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True)
class DisputeSeen:
    """A dispute as the provider tells it now."""

    dispute_id: str
    payment_id: str
    status: str
    reason: str
    currency: str
    amount_minor: int
    due_at: datetime | None
    opened_at: datetime
    is_submitted: bool
    movements: tuple[DisputeMovement, ...]


@dataclass(frozen=True)
class RefundSeen:
    """A refund of a payment as the provider tells it now."""

    provider_id: str
    refund_id: uuid.UUID | None
    """Our own, from the metadata that we sent along."""
    status: str
    """pending, requires_action, succeeded, failed or canceled."""
    late_payment_id: str | None = None
    """The payment that came too late, which it gives back."""
    failed_refund_id: uuid.UUID | None = None
    """What it gives back once more, after another refund failed."""
    pool_refund_id: uuid.UUID | None = None
    """What goes back to the sponsor of a pool."""
    why: str = ""
    """The provider's word for why it failed."""

    @property
    def came_to_nothing(self) -> bool:
        """Say whether it did not reach the shopper."""
        return self.status in ("failed", "canceled")

    @property
    def is_ours(self) -> bool:
        """Say whether we asked for it."""
        mine = (self.refund_id, self.late_payment_id, self.failed_refund_id, self.pool_refund_id)
        return any(mine)


@dataclass(frozen=True)
class DisputeNews:
    """A dispute with the payment it is about and what of that was given back before."""

    dispute: DisputeSeen
    payment: PaymentSeen
    refunds: tuple[RefundSeen, ...]


# fmt: off
MESSAGES_NEEDED = (
    "checkout.session.completed", "checkout.session.async_payment_succeeded",
    "refund.created", "refund.updated", "refund.failed",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
    "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
    "transfer.created", "transfer.updated", "transfer.reversed",
    "account.updated", "payout.paid", "payout.failed",
)
# fmt: on
"""The messages that the provider's webhook should be set up to send.

Others do no harm, they only cost: of one payment the provider could tell four times. Should one get
lost, the return of the browser and the worker's questions find out the same.
"""


@dataclass(frozen=True)
class EventSeen:
    """A verified message of the provider."""

    id: str
    type: str
    created_at: datetime
    payload: str
    payment_id: str | None
    refund: RefundSeen | None = None
    """The refund that it is about, as it was then."""
    object_id: str = ""
    """What it is about, whatever that is."""
    account_id: str | None = None
    """The payee's account in which it happened; None for our own."""
    dispute_id: str | None = None

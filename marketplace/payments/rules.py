"""What is said to the provider and what it says, in our own words."""

import enum
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self, cast


class CommandKind(enum.StrEnum):
    """What the provider is asked to do."""

    CREATE_CHECKOUT = "create_checkout"
    EXPIRE_CHECKOUT = "expire_checkout"
    REFUND = "refund"
    TRANSFER = "transfer"
    REVERSE_TRANSFER = "reverse_transfer"
    SUBMIT_EVIDENCE = "submit_evidence"
    CREATE_ACCOUNT = "create_account"


class CommandState(enum.StrEnum):
    """What is known of a command. Only a look-up leads out of `unknown`."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"


class EventState(enum.StrEnum):
    """What became of an event."""

    PARKED = "parked"
    APPLIED = "applied"
    IGNORED = "ignored"


class PaymentState(enum.StrEnum):
    """What a captured payment became."""

    SETTLED = "settled"
    """It paid its order."""
    TOO_LATE = "too_late"
    """It came for an order that could not be served any more; it is refunded in full."""


KEY_SERVES_FOR = timedelta(hours=23)
"""The provider forgets idempotency keys after a day; past this only a look-up is safe."""

STUCK_AFTER = timedelta(seconds=60)
"""A command that was sent and not answered for so long is unknown."""


@dataclass(frozen=True)
class Sending:
    """A command about to be sent, or looked up."""

    id: uuid.UUID
    kind: CommandKind
    params: Mapping[str, object]
    only_look_up: bool


@dataclass(frozen=True)
class Done:
    """The provider did it."""

    provider_id: str
    answer: Mapping[str, object]


@dataclass(frozen=True)
class Refused:
    """The provider will not do it; trying the same again is pointless."""

    error: str


@dataclass(frozen=True)
class Ambiguous:
    """Nobody knows whether the provider did it."""

    error: str


Outcome = Done | Refused | Ambiguous


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
    refund_id: str | None
    """Our own refund, from the metadata that we sent along."""
    provider_refund_id: str | None
    refund_state: str | None
    """What the provider says of a refund: succeeded, pending, failed, canceled."""
    object_id: str = ""
    """What it is about, whatever that is."""
    account_id: str | None = None
    """The payee's account in which it happened; None for our own."""
    dispute_id: str | None = None

    @property
    def refund_came_to_nothing(self) -> bool:
        """Say whether the message is that a refund did not reach the shopper."""
        return self.refund_state in ("failed", "canceled")


def in_the_order_kept(params: Mapping[str, object]) -> dict[str, object]:
    """Return a command's parameters in the order in which jsonb gives them back.

    A key serves for one request, to the byte: sent again from the database, the command has to
    look as it did when it was sent from memory.
    """

    def ordered(value: object) -> object:
        if isinstance(value, Mapping):
            names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
            return {name: ordered(value[name]) for name in names}
        if isinstance(value, (list, tuple)):
            return [ordered(one) for one in value]
        return value

    return cast("dict[str, object]", ordered(params))


def digest(params: Mapping[str, object]) -> bytes:
    """Return what tells two requests apart."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).digest()

"""What is compared with what: each movement of money has a key that all sides know."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.payments.rules import BankPayoutSeen, MovementSeen

GRACE = timedelta(hours=1)
"""What is younger may still be on its way between us and the provider: it is no difference yet."""

OVERLAP = timedelta(days=1)
"""How far a run reads back behind the last one, for what was written late."""

BANK_DAYS = timedelta(days=30)
"""How long a payout to the bank may still change."""


class Side(enum.StrEnum):
    """Who says it."""

    LEDGER = "ledger"
    PROVIDER = "provider"
    BANK = "bank"


class Stage(enum.StrEnum):
    """How far a run has come."""

    MOVEMENTS = "movements"
    BANK = "bank"
    LEDGER = "ledger"
    COMPARING = "comparing"
    DONE = "done"


@dataclass(frozen=True)
class Said:
    """What one side says of one key; the amount is signed, more than zero where money comes in."""

    side: Side
    id: str
    """Tells the rows of a side apart, and makes reading one twice harmless."""
    key: str
    currency: str
    minor: int
    at: datetime


BY_SOURCE = {
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund",
    "payment_failure_refund": "refund",
    "transfer": "transfer",
    "transfer_cancel": "transfer",
    "transfer_failure": "transfer",
    "transfer_refund": "transfer",
    "adjustment": "dispute",
    "payout": "bank",
    "payout_cancel": "bank",
    "payout_failure": "bank",
}
BY_PREFIX = {"re": "refund", "tr": "transfer", "dp": "dispute", "du": "dispute"}


def said_by_provider(seen: MovementSeen) -> Iterator[Said]:
    """Say what a row of the provider's statement is about; a payment's fee is a matter of its own.

    A refund that failed, or a transfer that came back, is under the same key as what went out.
    """
    if seen.type in ("charge", "payment"):
        yield _of_provider(seen, seen.id, f"payment:{seen.source_id}", seen.amount_minor)
        if seen.fee_minor:
            yield _of_provider(seen, f"{seen.id}:fee", f"fee:{seen.source_id}", -seen.fee_minor)
        return
    prefix = (seen.source_id or "").split("_")[0]
    about = BY_SOURCE.get(seen.type)
    if about == "dispute":
        about = BY_PREFIX.get(prefix)  # adjustments are of many things
    key = f"{about}:{seen.source_id}" if about and seen.source_id else f"other:{seen.id}"
    yield _of_provider(seen, seen.id, key, seen.net_minor)


def _of_provider(seen: MovementSeen, row_id: str, key: str, minor: int) -> Said:
    return Said(Side.PROVIDER, row_id, key, seen.currency, minor, seen.created_at)


def said_by_bank(seen: BankPayoutSeen) -> Said:
    """Say what left for the bank; what failed or was stopped did not."""
    minor = 0 if seen.came_to_nothing else -seen.amount_minor
    return Said(Side.BANK, seen.id, f"bank:{seen.id}", seen.currency, minor, seen.created_at)


_RENAMED = {"refund_failed": "refund", "bank_payout": "bank", "bank_payout_returned": "bank"}
_DISPUTE = re.compile(r"^dispute:([^:]+)")


def key_of_effect(effect_key: str, charge_id: str | None, transfer_id: str | None) -> str:
    """Return the key of what is in the book, in the provider's own words where we know them.

    :param charge_id: the provider's charge, of an effect on a payment
    :param transfer_id: the provider's transfer, of an effect on a payout
    """
    what, _, name = effect_key.partition(":")
    if what in ("capture", "late", "pool_paid"):
        return f"payment:{charge_id or name}"
    if what == "fee":
        return f"fee:{charge_id or name}"
    if what == "payout_settled" or transfer_id:
        return f"transfer:{transfer_id or name}"
    if what in _RENAMED:
        return f"{_RENAMED[what]}:{name}"
    if found := _DISPUTE.match(effect_key):
        return f"dispute:{found[1]}"
    return effect_key


@dataclass(frozen=True)
class Compared:
    """What the three sides say of one key together; None of who says nothing."""

    key: str
    currency: str
    ledger_minor: int | None
    provider_minor: int | None
    bank_minor: int | None
    since: datetime

    @property
    def agrees(self) -> bool:
        """Say whether all who have to say something say the same. Saying nothing is saying zero."""
        ledger, provider = self.ledger_minor or 0, self.provider_minor or 0
        bank = self.bank_minor or 0
        return ledger == provider and (provider == bank or not self.key.startswith("bank:"))

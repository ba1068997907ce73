"""What is said to the provider, in our own words."""

import enum
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import cast


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


def as_text(params: Mapping[str, object]) -> str:
    """Return a command's parameters as they are kept, the same for the same request."""
    return json.dumps(params, sort_keys=True)


def digest(text: str) -> bytes:
    """Return what tells two requests apart, of their texts."""
    return hashlib.sha256(text.encode()).digest()

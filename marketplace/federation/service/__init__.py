"""What federation changes: keys, what is told, what comes in, who is blocked."""

from marketplace.federation.service.keys import Pair, key_of
from marketplace.federation.service.moderating import (
    block,
    close_report,
    decide,
    note_told,
    retry_delivery,
    unblock,
)
from marketplace.federation.service.people import forget_actor, keep_actor, purge
from marketplace.federation.service.receiving import apply, keep_for_later
from marketplace.federation.service.telling import (
    fan_out,
    note_delivered,
    note_failed,
    send_to,
    tell_update,
)

__all__ = [
    "Pair",
    "apply",
    "block",
    "close_report",
    "decide",
    "fan_out",
    "forget_actor",
    "keep_actor",
    "keep_for_later",
    "key_of",
    "note_delivered",
    "note_failed",
    "note_told",
    "purge",
    "retry_delivery",
    "send_to",
    "tell_update",
    "unblock",
]

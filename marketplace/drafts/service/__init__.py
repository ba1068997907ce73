"""What changes drafts and personal addresses: one function for each use case."""

from marketplace.drafts.service.coming_out import cancel, give_up, publish, schedule
from marketplace.drafts.service.letters import (
    NotTaken,
    address_for,
    read,
    receive,
    renew_address,
)
from marketplace.drafts.service.writing import (
    Said,
    TooManyDrafts,
    add_paper,
    add_photo,
    describe,
    discard,
    keep,
    leave_out,
    set_receipt,
)

__all__ = [
    "NotTaken",
    "Said",
    "TooManyDrafts",
    "add_paper",
    "add_photo",
    "address_for",
    "cancel",
    "describe",
    "discard",
    "give_up",
    "keep",
    "leave_out",
    "publish",
    "read",
    "receive",
    "renew_address",
    "schedule",
    "set_receipt",
]

"""Reads of drafts, of what belongs to updates, and of letters."""

from marketplace.drafts.queries.drafts import (
    count_drafts,
    find_draft,
    get_draft,
    list_belongings,
    list_drafts,
    list_shown_outcomes,
    lock_draft,
    lock_due,
)
from marketplace.drafts.queries.letters import (
    find_address,
    find_address_by_id,
    find_letter,
    list_addresses,
    lock_letter,
)

__all__ = [
    "count_drafts",
    "find_address",
    "find_address_by_id",
    "find_draft",
    "find_letter",
    "get_draft",
    "list_addresses",
    "list_belongings",
    "list_drafts",
    "list_shown_outcomes",
    "lock_draft",
    "lock_due",
    "lock_letter",
]

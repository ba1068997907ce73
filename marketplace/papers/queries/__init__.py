"""Reads of papers."""

from marketplace.papers.queries.gifts import (
    find_request,
    get_gift_receipt,
    get_recipient,
    list_own_gifts,
    list_receipts_of_order,
    list_receipts_of_person,
    list_recipients,
    list_recipients_of,
    list_to_look_at,
    list_years,
    stands_of,
    titles_of,
    tokens_of,
)
from marketplace.papers.queries.invoices import (
    find_seller,
    get_invoice,
    list_invoices,
    list_refunded,
    list_without_papers,
    lock_part,
)

__all__ = [
    "find_request",
    "find_seller",
    "get_gift_receipt",
    "get_invoice",
    "get_recipient",
    "list_invoices",
    "list_own_gifts",
    "list_receipts_of_order",
    "list_receipts_of_person",
    "list_recipients",
    "list_recipients_of",
    "list_refunded",
    "list_to_look_at",
    "list_without_papers",
    "list_years",
    "lock_part",
    "stands_of",
    "titles_of",
    "tokens_of",
]

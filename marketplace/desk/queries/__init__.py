"""Reads of the desk."""

from marketplace.desk.queries.book import (
    BookAccount,
    BookEntry,
    BookTransaction,
    Narrowed,
    find_balances_by_currency,
    get_account,
    get_transaction,
    list_accounts,
    list_entries,
    list_transfers,
)
from marketplace.desk.queries.queues import (
    FailedJob,
    Queue,
    list_failed_jobs,
    list_queues,
    lock_failed_job,
    names_of,
)

__all__ = [
    "BookAccount",
    "BookEntry",
    "BookTransaction",
    "FailedJob",
    "Narrowed",
    "Queue",
    "find_balances_by_currency",
    "get_account",
    "get_transaction",
    "list_accounts",
    "list_entries",
    "list_failed_jobs",
    "list_queues",
    "list_transfers",
    "lock_failed_job",
    "names_of",
]

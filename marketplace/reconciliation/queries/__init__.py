"""Reads of the reconciliation: where to go on, what differs, and what may be published."""

from marketplace.reconciliation.queries.bank import (
    OwnMoney,
    list_bank_payouts,
    list_own_money,
)
from marketplace.reconciliation.queries.comparing import (
    count_unexplained,
    find_last_run,
    find_open_run,
    list_compared,
    list_differences,
    list_in_book,
    list_open_differences,
    list_runs,
    lock_difference,
    lock_run,
)
from marketplace.reconciliation.queries.publishing import (
    Hold,
    PublicTotals,
    Published,
    company_totals,
    find_hold,
    has_published,
    hold,
    list_owners,
    project_totals,
    public_totals,
    read_figures,
)

__all__ = [
    "Hold",
    "OwnMoney",
    "PublicTotals",
    "Published",
    "company_totals",
    "count_unexplained",
    "find_hold",
    "find_last_run",
    "find_open_run",
    "has_published",
    "hold",
    "list_bank_payouts",
    "list_compared",
    "list_differences",
    "list_in_book",
    "list_open_differences",
    "list_own_money",
    "list_owners",
    "list_runs",
    "lock_difference",
    "lock_run",
    "project_totals",
    "public_totals",
    "read_figures",
]

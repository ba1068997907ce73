"""Reads of matching pools."""

from marketplace.campaigns.queries.entries import (
    PoolEntry,
    ProjectSum,
    by_project,
    count_orders,
    list_entries,
)
from marketplace.campaigns.queries.offers import (
    ANY_FUNDED,
    ANY_RUNNING,
    find_offers,
    list_running,
)
from marketplace.campaigns.queries.pools import (
    get_of_company,
    get_public,
    list_all,
    list_of_company,
    list_of_order,
    list_public,
    list_to_end,
    lock_pool,
)

__all__ = [
    "ANY_FUNDED",
    "ANY_RUNNING",
    "PoolEntry",
    "ProjectSum",
    "by_project",
    "count_orders",
    "find_offers",
    "get_of_company",
    "get_public",
    "list_all",
    "list_entries",
    "list_of_company",
    "list_of_order",
    "list_public",
    "list_running",
    "list_to_end",
    "lock_pool",
]

"""Reads of the shop: cards of lists, one product with all that its page shows, shelves."""

from marketplace.catalog.queries.listing import (
    MOST_COUNTED,
    Card,
    Filters,
    count_products,
    list_cards,
    list_latest,
    list_of_company,
    list_similar,
)
from marketplace.catalog.queries.product import (
    Offered,
    Picture,
    Shown,
    find_product,
    find_state,
    list_photos,
    product_statement,
)
from marketplace.catalog.queries.shelves import (
    CompanyChoice,
    Shelf,
    list_companies_selling,
    list_shelves,
)

__all__ = [
    "MOST_COUNTED",
    "Card",
    "CompanyChoice",
    "Filters",
    "Offered",
    "Picture",
    "Shelf",
    "Shown",
    "count_products",
    "find_product",
    "find_state",
    "list_cards",
    "list_companies_selling",
    "list_latest",
    "list_of_company",
    "list_photos",
    "list_shelves",
    "list_similar",
    "product_statement",
]

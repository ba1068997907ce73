"""Reads of the checkout: baskets priced from our own data, projects that can be chosen."""

from marketplace.checkout.queries.baskets import (
    PricedBasket,
    PricedCompany,
    PricedLine,
    count_pieces,
    find_basket,
    price,
    wanted_in,
)
from marketplace.checkout.queries.projects import (
    Choosable,
    CompaniesChoice,
    find_companies_choice,
    list_causes,
    list_choosable,
    search_choosable,
)

__all__ = [
    "Choosable",
    "CompaniesChoice",
    "PricedBasket",
    "PricedCompany",
    "PricedLine",
    "count_pieces",
    "find_basket",
    "find_companies_choice",
    "list_causes",
    "list_choosable",
    "price",
    "search_choosable",
    "wanted_in",
]

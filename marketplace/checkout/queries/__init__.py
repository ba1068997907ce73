"""Reads of the checkout: baskets priced from our own data, projects that can be chosen."""

from marketplace.checkout.queries.baskets import find_basket, find_priced, price
from marketplace.checkout.queries.priced import (
    KeptBasket,
    PricedBasket,
    PricedCompany,
    PricedLine,
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
    "KeptBasket",
    "PricedBasket",
    "PricedCompany",
    "PricedLine",
    "find_basket",
    "find_companies_choice",
    "find_priced",
    "list_causes",
    "list_choosable",
    "price",
    "search_choosable",
]

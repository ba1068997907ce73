"""What addresses, forms and documents of the catalogue may say."""

from marketplace.catalog.schemas.desk import ImportInput, PhotoInput, ProductInput
from marketplace.catalog.schemas.documents import (
    CategoriesOutput,
    ProductOutput,
    ProductsOutput,
    ProductsQuery,
)
from marketplace.catalog.schemas.listing import ListingQuery, price_bound

__all__ = [
    "CategoriesOutput",
    "ImportInput",
    "ListingQuery",
    "PhotoInput",
    "ProductInput",
    "ProductOutput",
    "ProductsOutput",
    "ProductsQuery",
    "price_bound",
]

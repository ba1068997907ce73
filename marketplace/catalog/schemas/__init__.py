"""What addresses and forms of the catalogue may say."""

from marketplace.catalog.schemas.desk import ImportInput, PhotoInput, ProductInput
from marketplace.catalog.schemas.listing import ListingQuery, price_bound

__all__ = ["ImportInput", "ListingQuery", "PhotoInput", "ProductInput", "price_bound"]

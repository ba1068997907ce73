"""Baskets as values: as they were found, and with every price."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from marketplace.giving.rules import Pledge
from marketplace.orders.rules import LineParts, LineTerms


class KeptBasket(NamedTuple):
    """A basket as it was found: whose it is, and what the shopper has said so far."""

    id: uuid.UUID
    user_id: uuid.UUID | None
    checkout_key: str
    draft: Mapping[str, object]


@dataclass(frozen=True)
class PricedLine:
    """One line of a basket with its price and what is given of it."""

    terms: LineTerms
    parts: LineParts
    product_slug: str
    title: str
    variant_title: str
    sku: str
    available: int
    is_for_sale: bool
    photo_key: str | None
    photo_widths: list[int] | None
    category_glyph: str
    currency: str

    @property
    def is_short(self) -> bool:
        """Say whether fewer pieces are there than wanted."""
        return self.available < self.terms.quantity


@dataclass(frozen=True)
class PricedCompany:
    """What a basket holds of one company."""

    company_id: uuid.UUID
    slug: str
    name: str
    palette: str
    pledge: Pledge
    pledge_until: date | None
    shipping_minor: int
    shipping_vat_minor: int
    lines: Sequence[PricedLine]

    @property
    def items_minor(self) -> int:
        """Return the price of its lines."""
        return sum(line.parts.gross_minor for line in self.lines)

    @property
    def share_minor(self) -> int:
        """Return what the company gives."""
        return sum(line.parts.share_minor for line in self.lines)


@dataclass(frozen=True)
class PricedBasket:
    """A basket with every price, from our own data at this moment."""

    currency: str
    companies: Sequence[PricedCompany]
    may_be_matched: bool = False
    """Whether it is worth asking what sponsors add."""

    @property
    def lines(self) -> list[PricedLine]:
        """Return all lines, company by company."""
        return [line for company in self.companies for line in company.lines]

    @property
    def items_minor(self) -> int:
        """Return the price of all lines."""
        return sum(company.items_minor for company in self.companies)

    @property
    def shipping_minor(self) -> int:
        """Return the price of all parcels."""
        return sum(company.shipping_minor for company in self.companies)

    @property
    def share_minor(self) -> int:
        """Return what the companies give together."""
        return sum(company.share_minor for company in self.companies)

    @property
    def vat_minor(self) -> int:
        """Return the VAT inside all prices."""
        return sum(line.parts.vat_minor for line in self.lines) + sum(
            company.shipping_vat_minor for company in self.companies
        )

    @property
    def total_minor(self) -> int:
        """Return what is paid before a gift of the shopper's own."""
        return self.items_minor + self.shipping_minor

    def with_held(self, held: Mapping[uuid.UUID, int]) -> "PricedBasket":
        """Return it with pieces counted as there that the shopper's own unpaid order holds."""
        return replace(
            self,
            companies=[
                replace(
                    company,
                    lines=[
                        replace(line, available=line.available + held.get(line.terms.variant_id, 0))
                        for line in company.lines
                    ],
                )
                for company in self.companies
            ],
        )

    @property
    def pieces(self) -> int:
        """Return how many pieces are in it."""
        return sum(line.terms.quantity for line in self.lines)

    @property
    def is_buyable(self) -> bool:
        """Say whether it is not empty and everything in it can be bought."""
        return bool(self.companies) and all(
            line.is_for_sale and not line.is_short for line in self.lines
        )

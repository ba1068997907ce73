"""What an order costs and gives, line by line (domain.md, rules 3, 4 and 12)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from marketplace.core.money import net_of, share_of
from marketplace.giving.rules import Pledge

if TYPE_CHECKING:
    from marketplace.orders.models import Order


@dataclass(frozen=True)
class LineTerms:
    """What is sold and on what terms, read from our own data when the order is placed."""

    variant_id: uuid.UUID
    company_id: uuid.UUID
    quantity: int
    unit_price_minor: int
    vat_bp: int
    pledge: Pledge


@dataclass(frozen=True)
class LineParts:
    """A line's price and where it goes; `gross = company + share + commission`."""

    gross_minor: int
    net_minor: int
    share_minor: int
    commission_minor: int
    company_minor: int

    @property
    def vat_minor(self) -> int:
        """Return the VAT inside the price."""
        return self.gross_minor - self.net_minor


def price_line(terms: LineTerms, commission_bp: int) -> LineParts:
    """Divide a line's price; share first, then commission out of what is left."""
    gross = terms.unit_price_minor * terms.quantity
    net = net_of(gross, terms.vat_bp)
    share = terms.pledge.part_of(net, terms.quantity)
    commission = min(share_of(net, commission_bp), gross - share)
    return LineParts(gross, net, share, commission, gross - share - commission)


@dataclass(frozen=True)
class ShippingTerms:
    """A company's flat price of a parcel, and from which amount on it is free."""

    price_minor: int
    free_from_minor: int | None


def price_shipping(terms: ShippingTerms, items_minor: int) -> int:
    """Return what a company's parcel costs the shopper."""
    free = terms.free_from_minor is not None and items_minor >= terms.free_from_minor
    return 0 if free else terms.price_minor


def shipping_vat(shipping_minor: int, rates_bp: Sequence[int]) -> int:
    """Return the VAT inside a parcel's price: it follows the highest rate of what is in it."""
    return shipping_minor - net_of(shipping_minor, max(rates_bp, default=0))


def refund_of_pieces(*, paid_minor: int, quantity: int, already: int, pieces: int) -> int:
    """Return what is given back for some pieces of a line, so that all pieces give all of it."""
    before = paid_minor * already // quantity
    return paid_minor * (already + pieces) // quantity - before


@dataclass(frozen=True)
class Given:
    """Who gave what to which project: rows of companies, columns of projects, both add up."""

    projects: Sequence[tuple[str, str]]
    """Slug and title."""
    companies: Sequence[tuple[str, Sequence[int]]]
    own: Sequence[int]
    """The shopper's own gift, which is no company's."""

    @property
    def by_project(self) -> list[int]:
        """Return what the companies gave to each project."""
        rows = [row for _name, row in self.companies]
        return [sum(amounts) for amounts in zip(*rows, strict=True)]

    @property
    def total_minor(self) -> int:
        """Return what the companies gave together."""
        return sum(self.by_project)


def given_by(order: Order) -> Given:
    """Return the gifts of an order as they were agreed, from its frozen allocations."""
    projects = {
        allocation.project_id: (allocation.project.slug, allocation.project.title)
        for allocation in order.allocations
    }

    def row_of(company_id: uuid.UUID | None) -> list[int]:
        return [
            sum(
                allocation.amount_minor
                for allocation in order.allocations
                if allocation.project_id == project and allocation.company_id == company_id
            )
            for project in projects
        ]

    return Given(
        projects=list(projects.values()),
        companies=[(part.company.name, row_of(part.company_id)) for part in order.company_orders],
        own=row_of(None),
    )

"""What an order costs and gives, line by line (domain.md, rules 3, 4 and 12)."""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from marketplace.core.money import format_minor, net_of, share_of
from marketplace.giving.rules import Pledge
from marketplace.ledger.rules import Source

if TYPE_CHECKING:
    from marketplace.campaigns.models import PoolPayment
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


def refund_of_pieces(
    *, paid_minor: int, quantity: int, already: int, pieces: int, asked_minor: int
) -> int:
    """Return what is given back for some pieces of a line, so that all pieces give all of it.

    `asked_minor` is what others were given or promised of it. Pieces do not cost whole cents: of
    one that was asked for and refused, the others keep what they were given, so a part that was
    computed from pieces alone would give back a cent too much in the end.
    """
    return max(paid_minor * (already + pieces) // quantity - asked_minor, 0)


@dataclass(frozen=True)
class Given:
    """Who gave what to which project: rows of companies, columns of projects, both add up."""

    projects: Sequence[tuple[str, str]]
    """Slug and title."""
    companies: Sequence[tuple[str, Sequence[int]]]
    own: Sequence[int]
    """The shopper's own gift, which is no company's."""
    matched: Sequence[int] = ()
    """What sponsors' pools added."""

    @property
    def by_project(self) -> list[int]:
        """Return what the companies gave to each project."""
        rows = [row for _name, row in self.companies]
        return [sum(amounts) for amounts in zip(*rows, strict=True)]

    @property
    def total_minor(self) -> int:
        """Return what the companies gave together."""
        return sum(self.by_project)


class Gift(NamedTuple):
    """What of an order goes to a project, and who gives it: an allocation, without the rest."""

    project_id: Hashable
    slug: str
    title: str
    source: Source
    company_id: Hashable
    """None where no company gives it."""
    amount_minor: int


def given_of(gifts: Sequence[Gift], companies: Mapping[Hashable, str]) -> Given:
    """Return who gives what to which project; companies by id, with their names, in order."""
    projects = {gift.project_id: (gift.slug, gift.title) for gift in gifts}

    def row_of(source: Source, company_id: Hashable = None) -> list[int]:
        return [
            sum(
                gift.amount_minor
                for gift in gifts
                if gift.project_id == project
                and (gift.source, gift.company_id) == (source, company_id)
            )
            for project in projects
        ]

    return Given(
        projects=list(projects.values()),
        companies=[(name, row_of(Source.PLEDGE, company)) for company, name in companies.items()],
        own=row_of(Source.TOP_UP),
        matched=row_of(Source.MATCH),
    )


def given_by(order: Order) -> Given:
    """Return the gifts of an order as they were agreed, from its frozen allocations."""
    return given_of(
        [
            Gift(
                allocation.project_id,
                allocation.project.slug,
                allocation.project.title,
                allocation.source,
                allocation.company_id,
                allocation.amount_minor,
            )
            for allocation in order.allocations
        ],
        {part.company_id: part.company.name for part in order.company_orders},
    )


def facts_of(order: Order, *, receipt_url: str) -> dict[str, str]:
    """Return what a bank wants to know of a disputed order, by the names of its fields.

    In English, as banks read it; what has no value is left out.
    """
    lines = "; ".join(
        f"{line.quantity} x {line.title} {line.variant_title}".rstrip() for line in order.lines
    )
    sent = [part for part in order.company_orders if part.sent_at is not None]
    address = f"{order.name}, {order.street}, {order.postal_code} {order.city}, {order.country}"
    parcels = [
        f"Parcel {part.number} of {part.company.name}: "
        + (f"sent on {part.sent_at:%Y-%m-%d}" if part.sent_at else "not sent yet")
        + (f", tracking {part.tracking}" if part.tracking else "")
        for part in order.company_orders
    ]
    story = [
        f"Order {order.number}, placed on {order.placed_at:%Y-%m-%d}: {lines}.",
        f"Paid on {order.paid_at or order.placed_at:%Y-%m-%d}.",
        *parcels,
        f"Receipt with every entry of the book: {receipt_url}",
    ]
    facts = {
        "customer_name": order.name,
        "customer_email_address": order.email,
        "product_description": lines,
        "shipping_address": address,
        "shipping_date": ", ".join(f"{part.sent_at:%Y-%m-%d}" for part in sent),
        "shipping_tracking_number": ", ".join(part.tracking for part in sent if part.tracking),
        "uncategorized_text": "\n".join(story),
    }
    return {name: value for name, value in facts.items() if value}


def facts_of_pool(
    payment: PoolPayment, given: Sequence[tuple[str, int]], *, page_url: str
) -> dict[str, str]:
    """Return what a bank wants to know of a sponsor's payment, by the names of its fields.

    In English, as banks read it.

    :param given: projects and what the pool gave to them, in minor units
    """
    pool = payment.pool
    people = pool.sponsor.user if pool.sponsor else None
    told = "; ".join(f"{title}: {format_minor(minor, pool.currency)}" for title, minor in given)
    paid = f"{payment.paid_at:%Y-%m-%d}" if payment.paid_at else "not known"
    story = [
        f"Payment of {format_minor(payment.amount_minor, pool.currency)} on {paid}.",
        f"It went into the matching pool '{pool.title}' of {pool.sponsor_name}, who opened it.",
        f"Out of it amounts are added to what shoppers route to projects: {told or 'none yet'}.",
        f"Public page of the pool with every entry of the book: {page_url}",
    ]
    facts = {
        "customer_name": people.name if people else pool.sponsor_name,
        "customer_email_address": people.email if people else "",
        "product_description": f"Contribution to the matching pool '{pool.title}'",
        "service_date": paid,
        "uncategorized_text": "\n".join(story),
    }
    return {name: value for name, value in facts.items() if value}


class ParcelAmount(NamedTuple):
    """What a company gets for sending."""

    id: uuid.UUID
    company_id: uuid.UUID
    shipping_minor: int


class LineAmounts(NamedTuple):
    """What of a line is the company's, and what ours."""

    id: uuid.UUID
    company_id: uuid.UUID
    company_minor: int
    commission_minor: int


class GivenAmount(NamedTuple):
    """What of a line, or of the shopper's own money, goes to a project."""

    id: uuid.UUID
    line_id: uuid.UUID | None
    project_id: uuid.UUID
    source: Source
    amount_minor: int


class OrderAmounts(NamedTuple):
    """All parts of what an order costs, each in its order."""

    parcels: list[ParcelAmount]
    lines: list[LineAmounts]
    given: list[GivenAmount]
    unfit: set[uuid.UUID]
    """The projects among them that take no money any more."""

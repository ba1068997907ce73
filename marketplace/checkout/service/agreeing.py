"""What an order is agreed on: who sells what, and what of it goes where; written down for good."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from marketplace.checkout.queries import PricedBasket, PricedCompany, PricedLine
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.giving import service as giving
from marketplace.giving.rules import gift_parts, spread
from marketplace.ledger.rules import Source
from marketplace.orders.models import (
    Allocation,
    CauseChoice,
    CompanyOrder,
    CompanyOrderState,
    Order,
    OrderLine,
)

Choice = Sequence[tuple[uuid.UUID, int]]
"""The chosen projects in the order shown, and what of the companies' share each gets."""


def agree(
    order: Order,
    basket: PricedBasket,
    choice: Choice,
    given: Mapping[uuid.UUID, Choice] | None,
    now: datetime,
) -> None:
    """Write down, for good, who sells what and what of it goes where: four bulk inserts.

    `given` says what each company gives to which project where the companies choose.
    """
    company_orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for place_of_company, company in enumerate(basket.companies):
        row = _company_order(order, company, place_of_company, now)
        company_orders.append(row)
        for line in company.lines:
            lines.append(_order_line(order, row["id"], company, line, len(lines)))
    session.execute(sa.insert(CompanyOrder), company_orders)
    session.execute(sa.insert(OrderLine), lines)
    session.execute(
        sa.insert(CauseChoice),
        [
            {"order_id": order.id, "project_id": project, "position": place, "amount_minor": amount}
            for place, (project, amount) in enumerate(choice)
        ],
    )
    allocations = _allocations(order, lines, choice, given)
    if allocations:
        session.execute(sa.insert(Allocation), allocations)


def _company_order(
    order: Order, company: PricedCompany, place_of_company: int, now: datetime
) -> dict[str, object]:
    return {
        "id": new_id(),
        "order_id": order.id,
        "company_id": company.company_id,
        "number": f"{order.number}-{place_of_company + 1}",
        "position": place_of_company,
        "shipping_minor": company.shipping_minor,
        "shipping_vat_bp": max((line.terms.vat_bp for line in company.lines), default=0),
        "state": CompanyOrderState.AWAITING_PAYMENT,
        "placed_at": now,
    }


def _order_line(
    order: Order, company_order_id: object, company: PricedCompany, line: PricedLine, position: int
) -> dict[str, object]:
    terms, parts = line.terms, line.parts
    return {
        "id": new_id(),
        "order_id": order.id,
        "company_order_id": company_order_id,
        "company_id": company.company_id,
        "variant_id": terms.variant_id,
        "product_slug": line.product_slug,
        "position": position,
        "title": line.title,
        "variant_title": line.variant_title,
        "sku": line.sku,
        "quantity": terms.quantity,
        "unit_price_minor": terms.unit_price_minor,
        "gross_minor": parts.gross_minor,
        "vat_bp": terms.vat_bp,
        "net_minor": parts.net_minor,
        "pledge_bp": terms.pledge.share_bp,
        "pledge_unit_minor": terms.pledge.unit_minor,
        "share_minor": parts.share_minor,
        "commission_minor": parts.commission_minor,
        "company_minor": parts.company_minor,
        "sentence": giving.disclosure(
            company=company.name,
            pledge=terms.pledge,
            share_minor=parts.share_minor,
            currency=order.currency,
            language=order.locale,
        ),
    }


def _allocations(
    order: Order,
    lines: Sequence[Mapping[str, object]],
    choice: Choice,
    by_company: Mapping[uuid.UUID, Choice] | None,
) -> list[dict[str, object]]:
    """Spread each line's share over the chosen projects, and the shopper's own gift alike."""
    projects = [project for project, _amount in choice]
    amounts = [amount for _project, amount in choice]
    if by_company is None:
        rows = spread([_share(line) for line in lines], amounts)
    else:
        rows = _each_to_its_own(lines, projects, by_company)
    given = [
        (line["id"], line["company_id"], Source.PLEDGE, place, amount)
        for line, row in zip(lines, rows, strict=True)
        for place, amount in enumerate(row)
    ]
    given += [
        (None, None, Source.TOP_UP, place, amount)
        for place, amount in enumerate(gift_parts(amounts, order.top_up_minor))
    ]
    return [
        {
            "id": new_id(),
            "order_id": order.id,
            "line_id": line_id,
            "company_id": company_id,
            "project_id": projects[place],
            "source": source,
            "position": place,
            "amount_minor": amount,
        }
        for line_id, company_id, source, place, amount in given
        if amount
    ]


def _each_to_its_own(
    lines: Sequence[Mapping[str, object]],
    projects: Sequence[uuid.UUID],
    by_company: Mapping[uuid.UUID, Choice],
) -> list[list[int]]:
    """Spread the lines of each company, which stand together, over that company's own projects."""
    rows: list[list[int]] = []
    for company, group in groupby(lines, key=lambda line: line["company_id"]):
        own = dict(by_company[uuid.UUID(str(company))])
        rows += spread([_share(line) for line in group], [own.get(one, 0) for one in projects])
    return rows


def _share(line: Mapping[str, object]) -> int:
    return int(str(line["share_minor"]))

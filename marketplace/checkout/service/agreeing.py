"""What an order is agreed on: who sells what, and what of it goes where; written down for good."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from marketplace.checkout.queries import PricedBasket, PricedCompany, PricedLine
from marketplace.core.db import Base, session
from marketplace.core.ids import new_id
from marketplace.core.rows import keep
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
) -> Collection[uuid.UUID]:
    """Write down, for good, who sells what and what of it goes where, and hold the pieces.

    `given` says what each company gives to which project where the companies choose. Returns the
    variants that were held: their rows are locked already, and those that are short are left out.
    """
    company_orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for place_of_company, company in enumerate(basket.companies):
        row = _company_order(order, company, place_of_company, now)
        company_orders.append(row)
        for line in company.lines:
            lines.append(_order_line(order, row["id"], company, line, len(lines)))
    choices = [
        {"order_id": order.id, "project_id": project, "position": place, "amount_minor": amount}
        for place, (project, amount) in enumerate(choice)
    ]
    agreed = {
        "customer_order": [{name: getattr(order, name) for name in COLUMNS[Order]}],
        "company_order": company_orders,
        "order_line": lines,
        "cause_choice": choices,
        "allocation": _allocations(order, lines, choice, given),
    }
    held = session.scalars(
        _AGREE, {name: json.dumps(rows, default=str) for name, rows in agreed.items()}
    ).all()
    keep(order)
    return held


COLUMNS: Mapping[type[Base], Sequence[str]] = {
    Order: [
        *("id", "number", "token", "checkout_key", "customer_id", "email", "name", "street"),
        *("postal_code", "city", "country", "phone", "locale", "is_public_supporter"),
        *("disclosure_version", "disclosure", "currency", "items_minor", "shipping_minor"),
        *("discount_minor", "top_up_minor", "total_minor", "vat_minor", "share_minor"),
        *("matched_minor", "captured_minor", "refund_reserved_minor", "refunded_minor", "state"),
        *("placed_at", "expires_at"),
    ],
    CompanyOrder: [
        *("id", "order_id", "company_id", "number", "position", "shipping_minor"),
        *("shipping_refunded_minor", "shipping_vat_bp", "state", "tracking", "placed_at"),
    ],
    OrderLine: [
        *("id", "order_id", "company_order_id", "company_id", "variant_id", "product_slug"),
        *("position", "title", "variant_title", "sku", "quantity", "unit_price_minor"),
        *("gross_minor", "discount_minor", "vat_bp", "net_minor", "pledge_bp"),
        *("pledge_unit_minor", "share_minor", "commission_minor", "company_minor", "sentence"),
        "refunded_quantity",
    ],
    CauseChoice: ["order_id", "project_id", "position", "amount_minor"],
    Allocation: [
        *("id", "order_id", "line_id", "company_id", "project_id", "source", "position"),
        "amount_minor",
    ],
}
"""What is written of each row; what else there is of it comes later."""


def _insert(table: type[Base]) -> str:
    """Return the SQL that writes rows told as JSON under the table's name."""
    name, columns = table.__tablename__, ", ".join(COLUMNS[table])
    return (
        f"insert into {name} ({columns}) select {columns}"  # noqa: S608  # our own constants
        f" from jsonb_populate_recordset(cast(null as {name}), cast(:{name} as jsonb))"
    )


_AGREE = sa.text(
    f"""
    with placed as ({_insert(Order)} returning id),
    parcels as ({_insert(CompanyOrder)}),
    lines as ({_insert(OrderLine)} returning variant_id, quantity),
    choices as ({_insert(CauseChoice)}),
    allocations as ({_insert(Allocation)}),
    reserved as (
        update variant set reserved = reserved + lines.quantity
        from lines
        where variant.id = lines.variant_id
          and variant.on_hand - variant.reserved >= lines.quantity
        returning variant.id, lines.quantity
    )
    insert into stock_hold (order_id, variant_id, quantity, state)
    select placed.id, reserved.id, reserved.quantity, 'live' from placed, reserved
    returning variant_id
    """  # noqa: S608  # our own constants
).columns(sa.column("variant_id", sa.Uuid))


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
        "shipping_refunded_minor": 0,
        "shipping_vat_bp": max((line.terms.vat_bp for line in company.lines), default=0),
        "state": CompanyOrderState.AWAITING_PAYMENT,
        "tracking": "",
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
        "discount_minor": 0,
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
        "refunded_quantity": 0,
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

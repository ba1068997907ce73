"""What sponsors add to an order that is being paid, divided over its lines as its share is."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.service import Used
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.money import split
from marketplace.ledger.rules import Source
from marketplace.orders.models import Allocation, Order, OrderState


def allocate_matches(order: Order, now: datetime) -> list[Used]:
    """Make allocations of what pools keep for an order; the caller posts and counts them."""
    has_lapsed = order.state is OrderState.LAPSED
    used = campaigns.use(order_id=order.id, has_lapsed=has_lapsed, now=now)
    if not used:
        return []
    cells: dict[uuid.UUID, list[Allocation]] = {}
    for cell in session.scalars(
        sa.select(Allocation).where(Allocation.order_id == order.id).order_by(Allocation.id)
    ):
        cells.setdefault(cell.project_id, []).append(cell)
    rows = [row for one in used for row in _of_project(one, cells[one.project_id])]
    session.execute(sa.insert(Allocation), rows)
    return used


def _of_project(used: Used, cells: list[Allocation]) -> list[dict[str, object]]:
    """Divide what is added for a project over the lines that give to it, and the own gift.

    So a line that is given back takes with it what was added to it, and nothing else.
    """
    based = [cell for cell in cells if used.with_gifts or cell.source is Source.PLEDGE]
    parts = split(used.amount_minor, [cell.amount_minor for cell in based])
    return [
        {
            "id": new_id(),
            "order_id": cell.order_id,
            "line_id": cell.line_id,
            "company_id": None,
            "project_id": used.project_id,
            "source": Source.MATCH,
            "position": cell.position,
            "amount_minor": part,
        }
        for cell, part in zip(based, parts, strict=True)
        if part
    ]

"""What sponsors add to an order: reserved when it is placed, divided over its lines when paid."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from marketplace.campaigns import service as campaigns
from marketplace.campaigns.rules import Match, Routed
from marketplace.campaigns.service import Used
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.core.money import split
from marketplace.giving.rules import gift_parts
from marketplace.ledger.rules import Source
from marketplace.orders.models import Allocation, Order, OrderState


def reserve_matches(
    *,
    currency: str,
    choice: Sequence[tuple[uuid.UUID, int]],
    top_up_minor: int,
    seen_minor: int | None,
    is_any_running: bool,
    now: datetime,
) -> list[Match]:
    """Reserve what sponsors' pools add to an order, or see that the shopper was told of nothing.

    :raises MatchChanged: it is not what the shopper saw.
    """
    if not is_any_running:
        if seen_minor:
            raise campaigns.MatchChanged
        return []
    gifts = gift_parts([amount for _project, amount in choice], top_up_minor)
    return campaigns.take(
        currency=currency,
        routed=[
            Routed(project, share, gift)
            for (project, share), gift in zip(choice, gifts, strict=True)
        ],
        seen_minor=seen_minor,
        now=now,
    )


def allocate_matches(
    order: Order, now: datetime
) -> tuple[list[Used], Mapping[uuid.UUID, uuid.UUID]]:
    """Make allocations of what pools keep for an order; the caller posts and counts them.

    Returns what is used, and for each matched project its pool.
    """
    if not order.matched_minor:
        return [], {}
    has_lapsed = order.state is OrderState.LAPSED
    used = campaigns.use(order_id=order.id, has_lapsed=has_lapsed, now=now)
    if not used:
        return [], {}
    cells: dict[uuid.UUID, list[Allocation]] = {}
    for cell in session.scalars(
        sa.select(Allocation).where(Allocation.order_id == order.id).order_by(Allocation.id)
    ):
        cells.setdefault(cell.project_id, []).append(cell)
    rows = [row for one in used for row in _of_project(one, cells[one.project_id])]
    session.execute(sa.insert(Allocation), rows)
    return used, {one.project_id: one.pool_id for one in used}


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

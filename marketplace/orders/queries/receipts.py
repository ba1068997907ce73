"""Reads of an order by the secret of its receipt."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, undefer
from sqlalchemy.orm.attributes import set_committed_value

from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.orders.models import Allocation, CompanyOrder, Order, OrderLine, OrderState
from marketplace.projects.models import Project


def get_by_token(token: str) -> Order:
    """Return an order by the secret of its receipt, with all that the receipt shows.

    :raises NotFound: no such order.
    """
    order = session.scalars(_RECEIPT, {"token": token}).unique().one_or_none()
    if order is None:
        raise NotFound
    given = session.scalars(_GIVEN, {"order": order.id}).all()
    set_committed_value(order, "allocations", list(given))
    return order


_RECEIPT = (
    sa.select(Order)
    .join(Order.lines)
    .join(OrderLine.company_order)
    .join(CompanyOrder.company)
    .where(Order.token == sa.bindparam("token"))
    .order_by(OrderLine.position)
    .options(
        undefer(Order.disclosure),
        contains_eager(Order.lines)
        .contains_eager(OrderLine.company_order)
        .contains_eager(CompanyOrder.company),
        contains_eager(Order.company_orders),
    )
)
"""An order with its lines, which stand as the parts of the companies do."""
_GIVEN = (
    sa.select(Allocation)
    .join(Allocation.project)
    .where(Allocation.order_id == sa.bindparam("order"))
    .order_by(Allocation.position)
    .options(
        contains_eager(Allocation.project).load_only(
            Project.slug, Project.title, Project.organisation, raiseload=True
        )
    )
)
"""What an order gives, with what the projects are called."""


class Awaiting(NamedTuple):
    """What the way back from the payment page needs to know of an order."""

    state: OrderState
    checkout_session_id: str | None


_AWAITING = sa.select(Order.state, Order.checkout_session_id).where(
    Order.token == sa.bindparam("token")
)


def get_awaiting(token: str) -> Awaiting:
    """Return where the payment of an order stands now, by the secret of its receipt.

    :raises NotFound: no such order.
    """
    row = session.execute(_AWAITING, {"token": token}).one_or_none()
    if row is None:
        raise NotFound
    return Awaiting(*row)

"""The amounts of an order, as the ledger is told of them."""

import uuid

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.ledger.rules import Source
from marketplace.orders.rules import GivenAmount, LineAmounts, OrderAmounts, ParcelAmount

_AMOUNTS = sa.text(
    """
    select 1 as part, position, id, company_id as owner_id, null::uuid as line_id,
           null as source, shipping_minor as amount_minor, 0 as commission_minor, true as is_fit
    from company_order where order_id = :order_id
    union all
    select 2, position, id, company_id, null, null, company_minor, commission_minor, true
    from order_line where order_id = :order_id
    union all
    select 3, position, given.id, project_id, line_id, given.source::text, amount_minor, 0,
           project.state = 'open'
    from allocation given join project on project.id = project_id where order_id = :order_id
    order by part, position, id
    """
).columns(
    sa.column("part", sa.Integer),
    sa.column("position", sa.Integer),
    sa.column("id", sa.Uuid),
    sa.column("owner_id", sa.Uuid),
    sa.column("line_id", sa.Uuid),
    sa.column("source", sa.Text),
    sa.column("amount_minor", sa.BigInteger),
    sa.column("commission_minor", sa.BigInteger),
    sa.column("is_fit", sa.Boolean),
)


def get_amounts(order_id: uuid.UUID) -> OrderAmounts:
    """Return the amounts of an order, in one statement: three relations would be four."""
    found = OrderAmounts([], [], [], set())
    for row in session.execute(_AMOUNTS, {"order_id": order_id}):
        if row.part == 1:
            found.parcels.append(ParcelAmount(row.id, row.owner_id, row.amount_minor))
        elif row.part == 2:  # the second part of the statement above
            amounts = (row.amount_minor, row.commission_minor)
            found.lines.append(LineAmounts(row.id, row.owner_id, *amounts))
        else:
            source = Source(row.source)
            found.given.append(
                GivenAmount(row.id, row.line_id, row.owner_id, source, row.amount_minor)
            )
            if not row.is_fit:
                found.unfit.add(row.owner_id)
    return found

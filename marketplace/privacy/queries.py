"""Everything that is kept of a person, and the orders whose addresses can go."""

import datetime as dt
import enum
import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import Base, session
from marketplace.orders.models import CompanyOrder, CompanyOrderState, Dispute, Order, OrderState
from marketplace.orders.models.dispute import OPEN_DISPUTES
from marketplace.privacy.rules import is_secret

Rows = list[dict[str, object]]

OWN_ROWS = 10_000
"""So many rows of a table are handed out at most: more than anybody has."""


OF_OTHERS = {"follow.person_id"}
"""Who follows somebody: those rows are of the followers, and handed out to them alone."""


def owned_columns() -> list[sa.Column[uuid.UUID]]:
    """Return every column that names an account, whatever feature it is of."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column is User.__table__.c.id for key in column.foreign_keys)
    ]


def columns_that_go() -> list[sa.Column[uuid.UUID]]:
    """Return those whose rows are nothing without the person: the table itself says so.

    A row that would be deleted with the account goes; others tell of something that happened, and
    keep a row without a name.
    """
    return [
        column
        for column in owned_columns()
        if any(key.ondelete == "CASCADE" for key in column.foreign_keys)
    ]


def collect(user_id: uuid.UUID) -> dict[str, Rows]:
    """Return all that names a person, by table; what would open a door is left out.

    Orders come with their lines, parcels and gifts. A feature that begins to name people is among
    it without being told.
    """
    found = {"user_account": _rows(User.__table__.c.id, [user_id])}
    for column in owned_columns():
        if f"{column.table.name}.{column.name}" in OF_OTHERS:
            continue
        found.setdefault(column.table.name, [])
        found[column.table.name] += _rows(column, [user_id])
    orders = [row["id"] for row in found.get("customer_order", [])]
    for table in Base.metadata.sorted_tables:
        if orders and "order_id" in table.c and table.name not in found:
            found[table.name] = _rows(table.c.order_id, orders)
    return {name: rows for name, rows in found.items() if rows}


def _rows(column: sa.ColumnElement[uuid.UUID], values: Sequence[object]) -> Rows:
    table = column.table
    shown = [one for one in table.c if not is_secret(one.name)]
    query = sa.select(*shown).where(column.in_(values)).limit(OWN_ROWS)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in session.execute(query).mappings()
    ]


def _plain(value: object) -> object:
    """Return a value as JSON can hold it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (str, int, bool, list, dict, type(None))) else str(value)


def list_ended_orders(limit: int = 200) -> Sequence[Order]:
    """Return orders of people who want to be forgotten, that nothing is left to be done about."""
    is_open = sa.exists().where(
        CompanyOrder.order_id == Order.id,
        CompanyOrder.released_at.is_(None),
        CompanyOrder.state != CompanyOrderState.CANCELLED,
    )
    is_disputed = sa.exists().where(Dispute.order_id == Order.id, Dispute.state.in_(OPEN_DISPUTES))
    return session.scalars(
        sa.select(Order)
        .outerjoin(User, User.id == Order.customer_id)
        .where(
            sa.or_(User.erased_at.is_not(None), Order.forget_asked_at.is_not(None)),
            Order.erased_at.is_(None),
            Order.state != OrderState.PLACED,
            ~is_open,
            ~is_disputed,
        )
        .order_by(Order.id)
        .limit(limit)
        .with_for_update(of=Order, skip_locked=True)
    ).all()


def count_open_orders(user_id: uuid.UUID) -> int:
    """Return how many orders of somebody still need their address."""
    return (
        session.scalar(
            sa.select(sa.func.count(sa.distinct(Order.id)))
            .join(CompanyOrder, CompanyOrder.order_id == Order.id)
            .where(
                Order.customer_id == user_id,
                CompanyOrder.released_at.is_(None),
                CompanyOrder.state != CompanyOrderState.CANCELLED,
            )
        )
        or 0
    )

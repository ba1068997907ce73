"""Pieces that are kept while a payment is awaited."""

import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, states


class HoldState(enum.StrEnum):
    """What became of reserved stock."""

    LIVE = "live"
    SOLD = "sold"
    FREED = "freed"


class StockHold(Base):
    """Pieces kept for an order while its payment is awaited."""

    __tablename__ = "stock_hold"

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("customer_order.id"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("variant.id"), primary_key=True)
    quantity: Mapped[int]
    state: Mapped[HoldState] = mapped_column(states(HoldState, "hold_state"))

    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_is_positive"),
        sa.Index("ix_stock_hold_live", "variant_id", postgresql_where=sa.text("state = 'live'")),
    )

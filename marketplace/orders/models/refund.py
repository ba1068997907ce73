"""Refunds: what of an order is given back."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Id, Minor, Moment, Text, states


class RefundState(enum.StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"
    DONE = "done"
    REJECTED = "rejected"


class Refund(Base):
    """Money on its way back to the shopper; `amount_minor` is reserved on the order at once."""

    __tablename__ = "refund"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    amount_minor: Mapped[Minor]
    top_up_minor: Mapped[Minor] = mapped_column(default=0)
    """How much of it is the shopper's own gift given back."""
    reason: Mapped[Text]
    state: Mapped[RefundState] = mapped_column(states(RefundState, "refund_state"))
    provider_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    requested_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    requested_at: Mapped[Moment]
    done_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    lines: Mapped[list["RefundLine"]] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),)


class RefundLine(Base):
    """Pieces of an order line, or the shipping of a company order, that a refund gives back.

    No pieces of a line come back where a bank took back a part of its price.
    """

    __tablename__ = "refund_line"

    id: Mapped[Id]
    refund_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("refund.id"), index=True)
    line_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("order_line.id"))
    company_order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company_order.id"))
    quantity: Mapped[int] = mapped_column(default=0)
    amount_minor: Mapped[Minor]

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("line_id is not null or quantity = 0", name="only_a_line_has_pieces"),
    )

"""The basket and what the shopper has said so far."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.catalog.models import Variant
from marketplace.core.db import Base, Id, Moment, Text


class Basket(Base):
    """What somebody is about to buy; a guest's is found by the token in the cookie."""

    __tablename__ = "basket"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    checkout_key: Mapped[Text] = mapped_column(unique=True)
    """Becomes the order's; renewed when the order is paid or the basket changes."""
    draft: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB, default=dict)
    """Address, choice of projects and top-up of the checkout under way."""
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment] = mapped_column(index=True)

    lines: Mapped[list["BasketLine"]] = relationship(
        back_populates="basket", lazy="raise_on_sql", order_by="BasketLine.added_at"
    )


class BasketLine(Base):
    """A variant and how many of it."""

    __tablename__ = "basket_line"

    basket_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("basket.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("variant.id", ondelete="CASCADE"), primary_key=True
    )
    quantity: Mapped[int]
    added_at: Mapped[Moment]

    basket: Mapped[Basket] = relationship(back_populates="lines", lazy="raise_on_sql")
    variant: Mapped[Variant] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("quantity between 1 and 99", name="quantity_is_reasonable"),
    )

"""Disputes: a bank takes a payment back, and what is said against it."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.campaigns.models import PoolPayment
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.orders.models.order import Order


class DisputeState(enum.StrEnum):
    """Where a dispute stands, in the bank's hands all the while."""

    INQUIRY = "inquiry"
    """The bank only asks; no money was taken."""
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    """An inquiry that came to nothing."""


OPEN_DISPUTES = (DisputeState.INQUIRY, DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
"""While a dispute is in one of these, nothing of its order is released, given back or rerouted."""


class Dispute(Base):
    """What a bank says of a payment; kept as the provider tells it."""

    __tablename__ = "dispute"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    """The provider's: dp_... or du_..."""
    order_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("customer_order.id"), index=True
    )
    """The order that was paid; else it is what a sponsor paid into a pool."""
    pool_payment_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("pool_payment.id"), index=True
    )
    payment_id: Mapped[Text]
    state: Mapped[DisputeState] = mapped_column(states(DisputeState, "dispute_state"))
    reason: Mapped[Text]
    """The bank's word: fraudulent, product_not_received, ..."""
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    taken_minor: Mapped[Minor] = mapped_column(default=0)
    """What the provider has taken from our balance for it and not given back, without its fee."""
    fee_minor: Mapped[Minor] = mapped_column(default=0)
    """What the provider keeps for it; the platform bears it."""
    due_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Until when evidence may be sent."""
    opened_at: Mapped[Moment]
    submitted_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    closed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    order: Mapped[Order | None] = relationship(lazy="raise_on_sql")
    pool_payment: Mapped[PoolPayment | None] = relationship(lazy="raise_on_sql")
    notes: Mapped[list["DisputeNote"]] = relationship(
        lazy="raise_on_sql", order_by="DisputeNote.written_at"
    )

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("num_nonnulls(order_id, pool_payment_id) = 1", name="about_one_payment"),
        sa.Index(
            "ix_dispute_open",
            "due_at",
            postgresql_where=sa.text("state in ('inquiry', 'needs_response', 'under_review')"),
        ),
    )

    @property
    def about(self) -> str:
        """Return what was paid, as people call it: an order by its number, a pool by its title."""
        if self.order is not None:
            return self.order.number
        return self.pool_payment.pool.title if self.pool_payment else ""

    @property
    def is_open(self) -> bool:
        """Say whether the bank has not decided yet."""
        return self.state in OPEN_DISPUTES


class DisputeNote(Base):
    """What a company or the operator has to say against a dispute; added to, never changed."""

    __tablename__ = "dispute_note"

    id: Mapped[Id]
    dispute_id: Mapped[str] = mapped_column(sa.ForeignKey("dispute.id"), index=True)
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"))
    """None where the operator wrote it."""
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    body: Mapped[Text]
    written_at: Mapped[Moment]

    author: Mapped[User] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(body) between 1 and 5000", name="body_is_readable"),
    )

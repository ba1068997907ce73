"""What sponsors pay into pools at the provider's page, what goes back, and what banks dispute."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.campaigns.models.pool import Pool
from marketplace.campaigns.rules import ClaimState, PaymentStage, RefundStage
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states


class PoolPayment(Base):
    """Money that a sponsor pays into a pool on the provider's page."""

    __tablename__ = "pool_payment"

    id: Mapped[Id]
    pool_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matching_pool.id"), index=True)
    form_key: Mapped[Text] = mapped_column(unique=True)
    """The form that it was asked with: pressed twice, it is one payment."""
    asked_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    state: Mapped[PaymentStage] = mapped_column(states(PaymentStage, "pool_payment_state"))
    checkout_session_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    payment_url: Mapped[str | None] = mapped_column(sa.Text)
    payment_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    """The provider's PaymentIntent, once it is paid."""
    asked_at: Mapped[Moment]
    paid_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    pool: Mapped[Pool] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "(state in ('paid', 'too_late')) = (payment_id is not null)", name="paid_names_payment"
        ),
        sa.Index("ix_pool_payment_open", "asked_at", postgresql_where=sa.text("state = 'placed'")),
    )


class PoolRefund(Base):
    """Money of a pool that goes back to a payment of its sponsor."""

    __tablename__ = "pool_refund"

    id: Mapped[Id]
    pool_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matching_pool.id"), index=True)
    payment_id: Mapped[Text]
    """The provider's PaymentIntent that it goes back to."""
    amount_minor: Mapped[Minor]
    state: Mapped[RefundStage] = mapped_column(states(RefundStage, "pool_refund_state"))
    provider_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    why: Mapped[Text] = mapped_column(default="")
    """Why it did not reach the sponsor, by the provider."""
    reference: Mapped[str | None] = mapped_column(sa.Text)
    """Of the bank transfer by which it was paid instead."""
    requested_at: Mapped[Moment]
    done_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "(state = 'paid_otherwise') = (reference is not null)", name="how_it_was_paid_is_known"
        ),
    )


class PoolDispute(Base):
    """What a bank's dispute over a sponsor's payment holds of its pool."""

    __tablename__ = "pool_dispute"

    id: Mapped[str] = mapped_column(sa.ForeignKey("dispute.id"), primary_key=True)
    pool_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("matching_pool.id"), index=True)
    payment_id: Mapped[Text] = mapped_column(index=True)
    """The provider's PaymentIntent that is disputed."""
    amount_minor: Mapped[Minor]
    wanted_minor: Mapped[Minor] = mapped_column(default=0)
    """What of it is to come out of the pool, and not out of what is on its way back anyway."""
    frozen_minor: Mapped[Minor] = mapped_column(default=0)
    claimed_minor: Mapped[Minor] = mapped_column(default=0)
    """What it still claims of what comes back to the pool."""
    state: Mapped[ClaimState] = mapped_column(states(ClaimState, "pool_dispute_state"))
    opened_at: Mapped[Moment]
    closed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "least(wanted_minor, frozen_minor, claimed_minor) >= 0", name="parts_are_not_negative"
        ),
        sa.CheckConstraint("wanted_minor <= amount_minor", name="wants_at_most_what_is_disputed"),
        sa.CheckConstraint(
            "frozen_minor + claimed_minor <= wanted_minor", name="holds_at_most_what_it_wants"
        ),
        sa.CheckConstraint("state = 'open' or frozen_minor = 0", name="freezes_while_it_is_open"),
        sa.CheckConstraint(
            "state <> 'free' or claimed_minor = 0", name="claims_nothing_once_it_is_free"
        ),
        sa.CheckConstraint("(state = 'open') = (closed_at is null)", name="closed_at_a_moment"),
    )

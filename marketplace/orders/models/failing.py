"""Refunds that did not reach the shopper: the money is with us again, and owed once more."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.orders.models.order import Order


class FailedRefundState(enum.StrEnum):
    """What became of money that is owed to a shopper once more."""

    WAITING = "waiting"
    """For an operator, or for a bank that has to decide first."""
    SENDING = "sending"
    """The provider is asked to give it back again."""
    SENT_AGAIN = "sent_again"
    PAID_OTHERWISE = "paid_otherwise"
    TAKEN_BY_BANK = "taken_by_bank"
    """The shopper's bank took it by a dispute: they have it."""


OWED_STILL = (FailedRefundState.WAITING, FailedRefundState.SENDING)
"""While it is in one of these, it stands on the order's account of refunds that are due."""


class FailedRefund(Base):
    """Money that a shopper was to get back and did not; it is owed until it reached them."""

    __tablename__ = "failed_refund"

    id: Mapped[Id]
    key: Mapped[Text] = mapped_column(unique=True)
    """The provider's refund that failed (re_...), or `late:pi_...` where it refused to make one."""
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    refund_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    """None where a payment came too late and goes back as a whole."""
    payment_id: Mapped[Text]
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    why: Mapped[Text]
    """The provider's word for the failure, or its sentence."""
    failed_at: Mapped[Moment]
    state: Mapped[FailedRefundState] = mapped_column(
        states(FailedRefundState, "failed_refund_state"), default=FailedRefundState.WAITING
    )
    reference: Mapped[str | None] = mapped_column(sa.Text)
    """Of the bank transfer by which it was paid otherwise."""
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ended_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))

    order: Mapped[Order] = relationship(lazy="raise_on_sql")
    ended_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "(state in ('waiting', 'sending')) = (ended_at is null)", name="an_end_has_its_time"
        ),
        sa.CheckConstraint(
            "state <> 'paid_otherwise' or (reference is not null and ended_by_id is not null)",
            name="who_paid_and_how_is_known",
        ),
        sa.Index(
            "ix_failed_refund_open",
            "failed_at",
            postgresql_where=sa.text("state in ('waiting', 'sending')"),
        ),
    )

    @property
    def is_owed(self) -> bool:
        """Say whether the shopper has not got it yet."""
        return self.state in OWED_STILL

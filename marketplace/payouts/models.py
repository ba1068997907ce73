"""Tables of money out."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states


class PayeeKind(enum.StrEnum):
    """Who is paid."""

    COMPANY = "company"
    PROJECT = "project"


class PayoutState(enum.StrEnum):
    """Where a payout stands; "paid" only when the provider confirms it."""

    COMMANDED = "commanded"
    PAID = "paid"
    RETURNED = "returned"


class PayoutAccount(Base):
    """Where a payee's money goes: its account at the provider."""

    __tablename__ = "payout_account"

    payee_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    payee_kind: Mapped[PayeeKind] = mapped_column(states(PayeeKind, "payout_account_kind"))
    provider_account_id: Mapped[Text] = mapped_column(unique=True)
    can_be_paid: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]


class Payout(Base):
    """A transfer of what is confirmed to a company or a project."""

    __tablename__ = "payout"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), unique=True)
    payee_id: Mapped[uuid.UUID]
    payee_kind: Mapped[PayeeKind] = mapped_column(states(PayeeKind, "payee_kind"))
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    state: Mapped[PayoutState] = mapped_column(states(PayoutState, "payout_state"))
    provider_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    commanded_at: Mapped[Moment]
    paid_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.Index("ix_payout_payee", "payee_id", "commanded_at"),
    )

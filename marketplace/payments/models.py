"""Tables of what we told the provider, and what it told us."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.payments.rules import CommandKind, CommandState, EventState, PaymentState


class ProviderCommand(Base):
    """One change that the provider is asked for; its id is the idempotency key."""

    __tablename__ = "provider_command"

    id: Mapped[Id]
    kind: Mapped[CommandKind] = mapped_column(states(CommandKind, "command_kind"))
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    """The order, refund or payout that it serves."""
    params: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB)
    """What is sent, fixed before the first try."""
    params_hash: Mapped[bytes]
    state: Mapped[CommandState] = mapped_column(
        states(CommandState, "command_state"), default=CommandState.PENDING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    first_sent_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    next_try_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    provider_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    """The object that the provider made: cs_, re_, tr_."""
    answer: Mapped[dict[str, object] | None] = mapped_column(postgresql.JSONB)
    error: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[Moment]
    done_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'succeeded' or provider_id is not null", name="success_names_its_object"
        ),
        sa.Index(
            "ix_provider_command_open",
            "next_try_at",
            postgresql_where=sa.text("state in ('pending', 'sent', 'unknown')"),
        ),
    )


class ProviderEvent(Base):
    """One message of the provider, kept as it came; its id makes it count once."""

    __tablename__ = "provider_event"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    type: Mapped[Text]
    created_at: Mapped[Moment]
    received_at: Mapped[Moment]
    payload: Mapped[Text]
    state: Mapped[EventState] = mapped_column(states(EventState, "event_state"))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index(
            "ix_provider_event_parked",
            "received_at",
            postgresql_where=sa.text("state = 'parked'"),
        ),
    )


class Payment(Base):
    """A payment that the provider captured for an order, or of a sponsor for a pool."""

    __tablename__ = "payment"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    """The provider's PaymentIntent: pi_..."""
    order_id: Mapped[uuid.UUID] = mapped_column(index=True)
    """The order, or what the sponsor pays in."""
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    charge_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    fee_minor: Mapped[Minor | None]
    """The provider's fee, once known."""
    state: Mapped[PaymentState] = mapped_column(states(PaymentState, "payment_state"))
    captured_at: Mapped[Moment]
    created_at: Mapped[Moment]

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.Index(
            "uq_payment_one_settles_an_order",
            "order_id",
            unique=True,
            postgresql_where=sa.text("state = 'settled'"),
        ),
    )


class Restoration(Base):
    """An older backup that was brought back: the provider has done more than the book knows."""

    __tablename__ = "restoration"

    id: Mapped[Id]
    taken_at: Mapped[Moment]
    """As of when the backup is."""
    restored_at: Mapped[Moment]
    caught_up_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When the book and the provider agreed again; until then no money goes out."""

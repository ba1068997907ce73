"""Tables of the reconciliation: what each side said, the runs, and where they differ."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.reconciliation.rules import Side, Stage


class Run(Base):
    """One reading of all sides and their comparison; a run that was cut off is taken up again."""

    __tablename__ = "reconciliation_run"

    id: Mapped[Id]
    stage: Mapped[Stage] = mapped_column(states(Stage, "reconciliation_stage"))
    cursor: Mapped[str | None] = mapped_column(sa.Text)
    """Where the next page of the stage begins."""
    since: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """What is older was read by an earlier run; None reads everything."""
    started_at: Mapped[Moment]
    finished_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    rows_read: Mapped[int] = mapped_column(default=0)
    keys_compared: Mapped[int] = mapped_column(default=0)
    unexplained: Mapped[int] = mapped_column(default=0)
    """Differences that nobody had explained when it ended."""

    __table_args__ = (
        sa.Index(
            "uq_reconciliation_run_one_at_a_time",
            sa.text("(true)"),
            unique=True,
            postgresql_where=sa.text("stage <> 'done'"),
        ),
        sa.CheckConstraint(
            "(stage = 'done') = (finished_at is not null)", name="done_has_its_time"
        ),
        sa.Index("ix_reconciliation_run_started", "started_at"),
    )


class SaidRow(Base):
    """What one side said of one movement of money, as it was read."""

    __tablename__ = "reconciliation_said"

    side: Mapped[Side] = mapped_column(states(Side, "reconciliation_side"), primary_key=True)
    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    key: Mapped[Text] = mapped_column(index=True)
    currency: Mapped[Currency]
    minor: Mapped[Minor]
    at: Mapped[Moment] = mapped_column(index=True)
    run_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("reconciliation_run.id"), index=True)
    """The run that read it first, or saw it change."""


class Difference(Base):
    """Something of which the sides do not say the same."""

    __tablename__ = "reconciliation_difference"

    id: Mapped[Id]
    key: Mapped[Text]
    currency: Mapped[Currency]
    ledger_minor: Mapped[Minor | None]
    provider_minor: Mapped[Minor | None]
    bank_minor: Mapped[Minor | None]
    since: Mapped[Moment]
    """When the older side says that it happened."""
    found_at: Mapped[Moment]
    closed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When a later run found that the sides agree, or differ in another way."""
    explained_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    explained_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    explanation: Mapped[str | None] = mapped_column(sa.Text)

    explained_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.Index(
            "uq_reconciliation_difference_open",
            "key",
            "currency",
            unique=True,
            postgresql_where=sa.text("closed_at is null"),
        ),
        sa.CheckConstraint(
            "(explained_at is null) = (explanation is null)"
            " and (explained_at is null) = (explained_by_id is null)",
            name="an_explanation_has_its_author",
        ),
        sa.Index("ix_reconciliation_difference_found", "found_at", "id"),
    )


class BankPayout(Base):
    """What the provider sent of our own money to our own bank, as it says now."""

    __tablename__ = "bank_payout"

    id: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    """The provider's: po_..."""
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    status: Mapped[Text]
    """pending, in_transit, paid, failed or canceled."""
    sent_at: Mapped[Moment]
    returned_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When we learned that it did not arrive, or was stopped."""

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.Index("ix_bank_payout_sent", "sent_at", "id"),
    )


class Published(Base):
    """The public totals as they stood at the end of a run: shown while differences are open."""

    __tablename__ = "reconciliation_published"

    run_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("reconciliation_run.id"), primary_key=True
    )
    currency: Mapped[str] = mapped_column(sa.CHAR(3), primary_key=True)
    counted_at: Mapped[Moment] = mapped_column(index=True)
    is_reconciled: Mapped[bool]
    """False only for the first figures of all, where no run ever ended without a difference."""
    figures: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB)


class Figure(Base):
    """What a project or company had when the sides agreed last; written only where it changed."""

    __tablename__ = "reconciliation_figure"

    owner_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    figures: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB)

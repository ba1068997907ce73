"""Tables of the double-entry book. Rows are added, never changed (domain.md, "The ledger")."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.core.db import Base, Currency, Minor, Moment, Text, states
from marketplace.ledger.rules import Kind, Nature, Purpose, Source


class Account(Base):
    """One account for each owner, purpose, source and currency."""

    __tablename__ = "ledger_account"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(states(Purpose, "ledger_purpose"))
    nature: Mapped[Nature] = mapped_column(states(Nature, "ledger_nature"))
    owner_id: Mapped[uuid.UUID | None]
    """The company, project or payee; None for the platform's own accounts."""
    source: Mapped[Source | None] = mapped_column(states(Source, "ledger_source"))
    currency: Mapped[Currency]
    may_be_negative: Mapped[bool]

    __table_args__ = (
        sa.UniqueConstraint(
            "owner_id", "purpose", "source", "currency", postgresql_nulls_not_distinct=True
        ),
        sa.UniqueConstraint("id", "currency"),
    )


class Balance(Base):
    """The folded part of an account's balance, credits less debits; the rest waits as deltas."""

    __tablename__ = "ledger_balance"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id"), primary_key=True)
    posted_minor: Mapped[Minor] = mapped_column(default=0)
    may_be_negative: Mapped[bool]

    __table_args__ = (
        sa.CheckConstraint("may_be_negative or posted_minor >= 0", name="has_enough"),
        {"postgresql_with": {"fillfactor": "60"}},
    )


class Delta(Base):
    """A movement that is not folded into the balance yet."""

    __tablename__ = "ledger_delta"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    kind: Mapped[Text]
    on_day: Mapped[dt.date]
    debit_minor: Mapped[Minor] = mapped_column(default=0)
    credit_minor: Mapped[Minor] = mapped_column(default=0)


class AccountDay(Base):
    """The folded movements of an account on a day (UTC, business time), by kind: the roll-up."""

    __tablename__ = "ledger_account_day"

    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    on_day: Mapped[dt.date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    debit_minor: Mapped[Minor] = mapped_column(default=0)
    credit_minor: Mapped[Minor] = mapped_column(default=0)

    __table_args__ = (
        sa.Index(
            "ix_ledger_account_day_back",
            "account_id",
            "on_day",
            postgresql_where=sa.text("kind in ('reroute', 'payout_returned')"),
        ),
    )


class AccountMonth(Base):
    """The same by month, folded with the days: what pages read, however long the book is.

    With what is not folded yet it is the view `ledger_movement_month`.
    """

    __tablename__ = "ledger_account_month"

    account_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    began_on: Mapped[dt.date] = mapped_column(primary_key=True)
    """The first day of the month."""
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    debit_minor: Mapped[Minor] = mapped_column(default=0)
    credit_minor: Mapped[Minor] = mapped_column(default=0)


class Transaction(Base):
    """One thing that happened, named by its effect."""

    __tablename__ = "ledger_transaction"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    kind: Mapped[Kind] = mapped_column(states(Kind, "ledger_kind"))
    effect_key: Mapped[Text] = mapped_column(unique=True)
    """The effect, not the message: `capture:pi_...`, `refund:re_...`, `release:<line>`."""
    subject_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    """The order or payout that it is about."""
    effective_at: Mapped[Moment]
    created_at: Mapped[dt.datetime] = mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp()
    )

    transfers: Mapped[list["Transfer"]] = relationship(
        back_populates="transaction", lazy="raise_on_sql", order_by="Transfer.position"
    )


class Transfer(Base):
    """An amount from one account to another: balanced by construction."""

    __tablename__ = "ledger_transfer"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(
        sa.BigInteger, sa.ForeignKey("ledger_transaction.id"), index=True
    )
    position: Mapped[int]
    debit_id: Mapped[int] = mapped_column(sa.BigInteger)
    credit_id: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    line_id: Mapped[uuid.UUID | None]
    """The order line whose money this is."""
    allocation_id: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    """Set on the one transfer that captures an allocation."""
    origin_id: Mapped[int | None] = mapped_column(
        sa.BigInteger, sa.ForeignKey("ledger_transfer.id"), index=True
    )
    """The recorded row that this one moves on (release) or takes back (refund)."""

    transaction: Mapped[Transaction] = relationship(back_populates="transfers", lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("debit_id <> credit_id", name="moves_between_two"),
        sa.ForeignKeyConstraint(
            ["debit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]
        ),
        sa.ForeignKeyConstraint(
            ["credit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]
        ),
        sa.Index("ix_ledger_transfer_debit", "debit_id", "id"),
        sa.Index("ix_ledger_transfer_credit", "credit_id", "id"),
        sa.Index("ix_ledger_transfer_line", "line_id"),
    )


class Following:
    """How far somebody has followed the book: one row. Losing it costs only time.

    Numbers of transfers are given out in order but become visible when their transaction commits.
    So a number that was the newest at one look is passed only at a later one, when every
    transaction that was open at the first has ended: nothing at or below it can appear any more.
    """

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    done_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """No transfer at or below this is missing, and none can appear any more."""
    seen_id: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """The newest id that was given out when `seen_xid` was the next transaction."""
    seen_xid: Mapped[int] = mapped_column(sa.BigInteger, default=0)

    __table_args__ = (sa.CheckConstraint("id = 1", name="is_one"),)

    def reaches_seen(self, oldest: int, following: int) -> bool:
        """Say whether nothing at or below `seen_id` can appear any more.

        `oldest` is the oldest transaction that is open, `following` the number of the next one.
        """
        if self.seen_xid > following:  # a dump was loaded into another server
            self.seen_id, self.seen_xid = self.done_id, following
        return oldest >= self.seen_xid

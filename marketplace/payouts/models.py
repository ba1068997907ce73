"""Tables of money out."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.payouts.rules import AccountStanding, PayeeKind, PayoutState, Schedule

__all__ = [
    "AccountStanding",
    "PayeeKind",
    "Payout",
    "PayoutAccount",
    "PayoutApproval",
    "PayoutRun",
    "PayoutSchedule",
    "PayoutState",
    "Schedule",
    "StatementNotice",
]


class PayoutAccount(Base):
    """Where a payee's money goes, or went, or may go: an account at the provider.

    One is current. Another takes its place after a cooling-off, when a second person agrees; a
    bank account that changes within the current one cools off the same way.
    """

    __tablename__ = "payout_account"

    id: Mapped[Id]
    payee_id: Mapped[uuid.UUID]
    payee_kind: Mapped[PayeeKind] = mapped_column(states(PayeeKind, "payout_account_kind"))
    standing: Mapped[AccountStanding] = mapped_column(
        states(AccountStanding, "payout_account_standing"), default=AccountStanding.CURRENT
    )
    provider_account_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    """None until the provider has opened it."""
    can_be_paid: Mapped[bool] = mapped_column(default=False)
    has_details: Mapped[bool] = mapped_column(default=False)
    """Whether the provider's questions were answered once."""
    requirements: Mapped[list[str]] = mapped_column(postgresql.ARRAY(sa.Text), default=list)
    """What the provider still asks for, by its own names."""
    bank_last4: Mapped[str | None] = mapped_column(sa.Text)
    bank_fingerprint: Mapped[str | None] = mapped_column(sa.Text)
    bank_refused_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when the bank behind it takes nothing."""
    seen_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """As of when the provider told us this."""
    link_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who last went to the provider's page: they may have changed the bank account."""
    changed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When it was put in place of another, or its bank account was; None for the first one."""
    changed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    is_compromised: Mapped[bool] = mapped_column(default=False)
    """Said with a proposal: the current one may be in wrong hands, nothing goes there."""
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    current_since: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[Moment]

    changed_by: Mapped[User | None] = relationship(foreign_keys=[changed_by_id], lazy="selectin")

    __table_args__ = (
        sa.CheckConstraint(
            "not can_be_paid or provider_account_id is not null", name="payable_is_open"
        ),
        sa.CheckConstraint(
            "(confirmed_at is null) = (confirmed_by_id is null)", name="confirmed_by_somebody"
        ),
        sa.CheckConstraint(
            "confirmed_by_id is null or confirmed_by_id is distinct from changed_by_id",
            name="confirmed_by_another",
        ),
        sa.CheckConstraint(
            "standing <> 'proposed' or changed_at is not null", name="proposal_has_a_time"
        ),
        sa.Index(
            "uq_payout_account_current",
            "payee_id",
            unique=True,
            postgresql_where=sa.text("standing = 'current'"),
        ),
        sa.Index(
            "uq_payout_account_proposed",
            "payee_id",
            unique=True,
            postgresql_where=sa.text("standing = 'proposed'"),
        ),
    )


class PayoutSchedule(Base):
    """How often a payee is paid; who has none is paid monthly."""

    __tablename__ = "payout_schedule"

    payee_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    schedule: Mapped[Schedule] = mapped_column(states(Schedule, "payout_schedule"))
    changed_at: Mapped[Moment]


class PayoutRun(Base):
    """A day's run over all payees that are due; one that was cut short goes on."""

    __tablename__ = "payout_run"

    on_day: Mapped[dt.date] = mapped_column(primary_key=True)
    since_day: Mapped[dt.date]
    """The last run before: days that were missed in between are made up for."""
    began_at: Mapped[Moment]
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))


class StatementNotice(Base):
    """A month whose statements the payees were told of; each month once."""

    __tablename__ = "statement_notice"

    month: Mapped[dt.date] = mapped_column(primary_key=True)
    """Its first day."""
    told_at: Mapped[Moment]


class Payout(Base):
    """A transfer of what is confirmed to a company or a project."""

    __tablename__ = "payout"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), unique=True)
    payee_id: Mapped[uuid.UUID]
    payee_kind: Mapped[PayeeKind] = mapped_column(states(PayeeKind, "payee_kind"))
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    returned_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    state: Mapped[PayoutState] = mapped_column(states(PayoutState, "payout_state"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("payout_account.id"))
    """Where it goes."""
    run_on: Mapped[dt.date | None]
    """The day of the run that made it; None on demand."""
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    note: Mapped[Text] = mapped_column(default="", server_default="")
    """Why it came back."""
    provider_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    commanded_at: Mapped[Moment]
    paid_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    account: Mapped[PayoutAccount | None] = relationship(lazy="raise_on_sql")
    approvals: Mapped[list["PayoutApproval"]] = relationship(
        lazy="raise_on_sql", order_by="PayoutApproval.at"
    )

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "returned_minor between 0 and amount_minor", name="returns_at_most_what_went"
        ),
        sa.CheckConstraint(
            "(state = 'returned') = (returned_minor = amount_minor)", name="returned_in_full"
        ),
        sa.CheckConstraint("state <> 'to_approve' or needs_approval", name="approval_is_needed"),
        sa.Index("ix_payout_payee", "payee_id", "commanded_at"),
        sa.Index("ix_payout_open", "state", postgresql_where=sa.text("state = 'to_approve'")),
        sa.Index(
            "uq_payout_one_for_each_run",
            "payee_id",
            "currency",
            "run_on",
            unique=True,
            postgresql_where=sa.text("run_on is not null"),
        ),
    )


class PayoutApproval(Base):
    """An operator's agreement to a payout above the limit; never changed, one for each operator."""

    __tablename__ = "payout_approval"

    payout_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payout.id"), primary_key=True)
    operator_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id"), primary_key=True
    )
    at: Mapped[Moment]

    operator: Mapped[User] = relationship(lazy="joined", innerjoin=True)

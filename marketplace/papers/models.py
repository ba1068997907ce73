"""Tables of recipients that qualify, of gift receipts, of sellers' data and their invoices."""

import datetime as dt
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.papers.rules import InvoiceKind, RecipientKind, Why, number_of
from marketplace.projects.models import Project


class PaperSeries(Base):
    """How far the numbers of a series of papers have come; each is given once, without gaps."""

    __tablename__ = "paper_series"

    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    last: Mapped[int]

    __table_args__ = (sa.CheckConstraint("last > 0", name="counts_from_one"),)


class GiftRecipient(Base):
    """The organisation behind a project, whose gift receipts we may write: checked by an operator.

    Its data stays as it was checked; other data is another row.
    """

    __tablename__ = "gift_recipient"

    id: Mapped[Id]
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), index=True)
    name: Mapped[Text]
    kind: Mapped[RecipientKind] = mapped_column(states(RecipientKind, "recipient_kind"))
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    registration_number: Mapped[Text]
    address: Mapped[Text]
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date | None]
    """The last day on which a gift qualifies; None while there is no end in sight."""
    document: Mapped[Text]
    """What the operator saw."""
    checked_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    checked_at: Mapped[Moment]

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    checked_by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.CheckConstraint("valid_until >= valid_from", name="ends_after_it_begins"),)

    @property
    def series(self) -> str:
        """Return the series of its numbers; projects of one organisation share it."""
        return f"gift:{self.country}:{self.registration_number}"

    def holds_on(self, day: dt.date) -> bool:
        """Say whether a gift of a day qualifies."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class GiftRequest(Base):
    """Somebody wants gift receipts for an order's own gift, and says in whose name."""

    __tablename__ = "gift_request"

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("customer_order.id"), primary_key=True
    )
    name: Mapped[Text]
    street: Mapped[Text]
    postal_code: Mapped[Text]
    city: Mapped[Text]
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    locale: Mapped[str] = mapped_column(sa.String(5))
    asked_at: Mapped[Moment]
    looked_at: Mapped[Moment]
    seen_refunded_minor: Mapped[Minor] = mapped_column(default=0)
    """What of the order was given back when it was last looked at."""
    is_settled: Mapped[bool] = mapped_column(default=False)
    """Nothing of the gift is pending any more."""

    __table_args__ = (
        sa.Index("ix_gift_request_open", "order_id", postgresql_where=sa.text("not is_settled")),
    )


class GiftReceipt(Base):
    """A receipt for a gift: never changed, never deleted, cancelled in sight of everybody."""

    __tablename__ = "gift_receipt"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"))
    recipient_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("gift_recipient.id"))
    series: Mapped[Text]
    year: Mapped[int]
    """The year of the gift."""
    serial: Mapped[int]
    currency: Mapped[Currency]
    amount_minor: Mapped[Minor]
    given_on: Mapped[dt.date]
    name: Mapped[Text]
    street: Mapped[Text]
    postal_code: Mapped[Text]
    city: Mapped[Text]
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    locale: Mapped[str] = mapped_column(sa.String(5))
    issued_at: Mapped[Moment]
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    cancelled_why: Mapped[Why | None] = mapped_column(states(Why, "gift_cancelled_why"))

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    recipient: Mapped[GiftRecipient] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.UniqueConstraint("series", "year", "serial"),
        sa.Index(
            "uq_gift_receipt_holds",
            "order_id",
            "project_id",
            unique=True,
            postgresql_where=sa.text("cancelled_at is null"),
        ),
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint("serial > 0", name="counts_from_one"),
        sa.CheckConstraint(
            "(cancelled_at is null) = (cancelled_why is null)", name="cancelled_for_a_reason"
        ),
    )

    @property
    def number(self) -> str:
        """Return its number among the recipient's."""
        return number_of("G", self.year, self.serial)


class Seller(Base):
    """What a company's invoices say of it, as its owner wrote it."""

    __tablename__ = "seller"

    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"), primary_key=True)
    legal_name: Mapped[Text]
    address: Mapped[Text]
    vat_number: Mapped[Text] = mapped_column(default="")
    registration: Mapped[Text] = mapped_column(default="")
    changed_at: Mapped[Moment]


class Invoice(Base):
    """An invoice for a company's part of an order, or a credit note for what was given back."""

    __tablename__ = "invoice"

    id: Mapped[Id]
    kind: Mapped[InvoiceKind] = mapped_column(states(InvoiceKind, "invoice_kind"))
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"))
    company_order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("company_order.id"), index=True
    )
    refund_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    year: Mapped[int]
    serial: Mapped[int]
    currency: Mapped[Currency]
    gross_minor: Mapped[Minor]
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)  # Any: JSON
    """Seller, buyer, days and lines as they were when it was written."""
    issued_at: Mapped[Moment]

    __table_args__ = (
        sa.UniqueConstraint("company_id", "kind", "year", "serial"),
        sa.UniqueConstraint("company_order_id", "refund_id", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (refund_id is not null)", name="a_credit_note_has_a_refund"
        ),
        sa.CheckConstraint("serial > 0", name="counts_from_one"),
        sa.CheckConstraint("gross_minor >= 0", name="gross_is_not_negative"),
    )

    @property
    def number(self) -> str:
        """Return its number among the company's."""
        prefix = "I" if self.kind is InvoiceKind.INVOICE else "C"
        return number_of(prefix, self.year, self.serial)

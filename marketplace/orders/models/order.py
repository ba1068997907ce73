"""An order, its part for each company, its lines and what they give."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.ledger.rules import Source
from marketplace.projects.models import Project


class OrderState(enum.StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    """Agreed, stock held, payment awaited."""
    PAID = "paid"
    LAPSED = "lapsed"
    """Not paid in time, or given up; the stock is free again."""


class CompanyOrderState(enum.StrEnum):
    """Where a company's part of an order stands."""

    AWAITING_PAYMENT = "awaiting_payment"
    TO_SEND = "to_send"
    SENT = "sent"
    CANCELLED = "cancelled"


class Order(Base):
    """One checkout with one payment. Amounts are frozen when it is placed."""

    __tablename__ = "customer_order"

    id: Mapped[Id]
    number: Mapped[Text] = mapped_column(unique=True)
    """For people: CW-2026-000123."""
    token: Mapped[Text] = mapped_column(unique=True)
    """The secret in the receipt's address."""
    checkout_key: Mapped[Text] = mapped_column(unique=True)
    """Made with the page: a double click finds the same order."""
    customer_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("user_account.id"), index=True
    )
    email: Mapped[Text]
    name: Mapped[Text]
    street: Mapped[Text]
    postal_code: Mapped[Text]
    city: Mapped[Text]
    country: Mapped[str] = mapped_column(sa.CHAR(2))
    phone: Mapped[Text] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(sa.String(5), default="en")
    is_public_supporter: Mapped[bool] = mapped_column(default=False)
    """The shopper chose to stand by name among the projects' supporters."""
    disclosure_version: Mapped[Text] = mapped_column(default="", server_default="")
    """Which wording was shown before paying; empty for orders older than the first."""
    disclosure: Mapped[Text] = mapped_column(default="", server_default="", deferred=True)
    """What was shown, word for word: a sentence or two on each line."""

    currency: Mapped[Currency]
    items_minor: Mapped[Minor]
    shipping_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    top_up_minor: Mapped[Minor] = mapped_column(default=0)
    total_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    share_minor: Mapped[Minor]
    """What the companies give, all lines together."""
    matched_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    """What sponsors' pools were to add when it was placed, beside what is paid."""
    captured_minor: Mapped[Minor] = mapped_column(default=0)
    refund_reserved_minor: Mapped[Minor] = mapped_column(default=0)
    refunded_minor: Mapped[Minor] = mapped_column(default=0)

    state: Mapped[OrderState] = mapped_column(states(OrderState, "order_state"))
    payment_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    """The provider's PaymentIntent that paid it."""
    checkout_session_id: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    payment_url: Mapped[str | None] = mapped_column(sa.Text)
    placed_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    """When the held stock is let go."""
    paid_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    forget_asked_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When a guest asked by the receipt's link to be forgotten."""
    erased_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When name and address were taken out, because the shopper asked for it."""

    customer: Mapped[User | None] = relationship(lazy="raise_on_sql")
    company_orders: Mapped[list["CompanyOrder"]] = relationship(
        back_populates="order", lazy="raise_on_sql", order_by="CompanyOrder.position"
    )
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", lazy="raise_on_sql", order_by="OrderLine.position"
    )
    allocations: Mapped[list["Allocation"]] = relationship(
        back_populates="order", lazy="raise_on_sql", order_by="Allocation.position"
    )
    choices: Mapped[list["CauseChoice"]] = relationship(
        lazy="raise_on_sql", order_by="CauseChoice.position"
    )

    __table_args__ = (
        sa.CheckConstraint(
            "total_minor = items_minor + shipping_minor - discount_minor + top_up_minor",
            name="total_is_the_sum",
        ),
        sa.CheckConstraint("total_minor > 0", name="total_is_positive"),
        sa.CheckConstraint(
            "least(items_minor, shipping_minor, discount_minor, top_up_minor, share_minor) >= 0",
            name="parts_are_not_negative",
        ),
        sa.CheckConstraint(
            "0 <= refunded_minor and refunded_minor <= refund_reserved_minor "
            "and refund_reserved_minor <= captured_minor and captured_minor <= total_minor",
            name="refunds_within_what_was_captured",
        ),
        sa.CheckConstraint(
            "(state = 'paid') = (payment_id is not null)", name="paid_names_its_payment"
        ),
        sa.Index("ix_customer_order_newest", "placed_at", "id"),
        sa.Index(
            "ix_customer_order_awaiting",
            "expires_at",
            postgresql_where=sa.text("state = 'placed'"),
        ),
    )


class CompanyOrder(Base):
    """The part of an order that one company serves."""

    __tablename__ = "company_order"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"))
    number: Mapped[Text] = mapped_column(unique=True)
    """CW-2026-000123-1."""
    position: Mapped[int]
    shipping_minor: Mapped[Minor]
    shipping_refunded_minor: Mapped[Minor] = mapped_column(default=0)
    shipping_vat_bp: Mapped[int] = mapped_column(default=0)
    state: Mapped[CompanyOrderState] = mapped_column(
        states(CompanyOrderState, "company_order_state")
    )
    tracking: Mapped[Text] = mapped_column(default="")
    placed_at: Mapped[Moment]
    sent_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    window_closes_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When the return window closes; known once it is sent."""
    released_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    order: Mapped[Order] = relationship(back_populates="company_orders", lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="company_order", lazy="raise_on_sql", order_by="OrderLine.position"
    )

    __table_args__ = (
        sa.UniqueConstraint("order_id", "company_id"),
        sa.CheckConstraint(
            "0 <= shipping_refunded_minor and shipping_refunded_minor <= shipping_minor",
            name="shipping_refunded_once",
        ),
        sa.Index("ix_company_order_newest", "company_id", "placed_at", "id"),
        sa.Index(
            "ix_company_order_to_release",
            "window_closes_at",
            postgresql_where=sa.text("released_at is null and window_closes_at is not null"),
        ),
    )


class OrderLine(Base):
    """What was bought, at what price, and what of it is given: frozen."""

    __tablename__ = "order_line"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    company_order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("company_order.id"), index=True
    )
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"))
    variant_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("variant.id"), index=True)
    product_slug: Mapped[Text]
    position: Mapped[int]
    title: Mapped[Text]
    variant_title: Mapped[Text] = mapped_column(default="")
    sku: Mapped[Text] = mapped_column(default="")
    quantity: Mapped[int]
    unit_price_minor: Mapped[Minor]
    gross_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(default=0)
    vat_bp: Mapped[int]
    net_minor: Mapped[Minor]
    """Gross less discount, without VAT: the base of the pledge."""
    pledge_bp: Mapped[int | None]
    pledge_unit_minor: Mapped[Minor | None]
    share_minor: Mapped[Minor]
    commission_minor: Mapped[Minor]
    company_minor: Mapped[Minor]
    """What the company gets of it: price less share and commission, VAT included."""
    sentence: Mapped[Text]
    """What the shopper was shown, word for word."""
    refunded_quantity: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship(back_populates="lines", lazy="raise_on_sql")
    company_order: Mapped[CompanyOrder] = relationship(back_populates="lines", lazy="raise_on_sql")
    allocations: Mapped[list["Allocation"]] = relationship(
        back_populates="line", lazy="raise_on_sql", order_by="Allocation.position"
    )

    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity_is_positive"),
        sa.CheckConstraint(
            "gross_minor = quantity * unit_price_minor", name="gross_is_the_product"
        ),
        sa.CheckConstraint(
            "gross_minor - discount_minor = company_minor + share_minor + commission_minor",
            name="price_is_the_sum_of_its_parts",
        ),
        sa.CheckConstraint(
            "least(unit_price_minor, discount_minor, net_minor, share_minor, commission_minor, "
            "company_minor) >= 0",
            name="parts_are_not_negative",
        ),
        sa.CheckConstraint(
            "refunded_quantity between 0 and quantity", name="refunded_at_most_what_was_bought"
        ),
    )


class Allocation(Base):
    """One amount that one order line (or the shopper's top-up) routes to one project."""

    __tablename__ = "allocation"

    id: Mapped[Id]
    order_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("customer_order.id"), index=True)
    line_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("order_line.id"), index=True)
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"))
    """Who gives, where it is a company."""
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"))
    source: Mapped[Source] = mapped_column(states(Source, "allocation_source"))
    position: Mapped[int]
    amount_minor: Mapped[Minor]

    order: Mapped[Order] = relationship(back_populates="allocations", lazy="raise_on_sql")
    line: Mapped[OrderLine | None] = relationship(back_populates="allocations", lazy="raise_on_sql")
    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.UniqueConstraint(
            "order_id", "line_id", "project_id", "source", postgresql_nulls_not_distinct=True
        ),
        sa.CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        sa.CheckConstraint(
            "(source = 'pledge') = (line_id is not null and company_id is not null)",
            name="a_pledge_has_a_line_and_a_company",
        ),
        sa.Index("ix_allocation_project", "project_id", "id"),
        sa.Index("ix_allocation_company", "company_id", "id"),
    )


class CauseChoice(Base):
    """A project that the shopper chose for an order, and how much of the share it gets."""

    __tablename__ = "cause_choice"

    order_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("customer_order.id"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), primary_key=True)
    position: Mapped[int]
    amount_minor: Mapped[Minor]
    """Of the companies' share; all choices of an order add up to it."""

    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),)

"""Tables of companies and their members."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import MemberRole, User
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.media.models import Photo


class CompanyState(enum.StrEnum):
    """Whether a company may sell."""

    DRAFT = "draft"
    VERIFIED = "verified"
    SUSPENDED = "suspended"


class Company(Base):
    """A seller, what it promises to give, and how it ships."""

    __tablename__ = "company"

    id: Mapped[Id]
    slug: Mapped[Text] = mapped_column(unique=True)
    name: Mapped[Text]
    tagline: Mapped[Text] = mapped_column(default="")
    about: Mapped[Text] = mapped_column(default="")
    """Markdown."""
    city: Mapped[Text] = mapped_column(default="")
    country: Mapped[str] = mapped_column(sa.CHAR(2), default="IT")
    palette: Mapped[Text] = mapped_column(default="tidal")
    """The look's palette, assigned at registration so that a maker is recognised."""
    photo_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("photo.id"))
    currency: Mapped[Currency]
    pledge_bp: Mapped[int | None]
    """Share of the net price in basis points, or None where a fixed amount is given."""
    pledge_unit_minor: Mapped[Minor | None]
    """Fixed amount per unit, or None where a share is given."""
    pledge_until: Mapped[dt.date | None]
    """The day up to which it promised not to give less; None where it set none."""
    shipping_minor: Mapped[Minor] = mapped_column(default=0)
    """Flat price of one parcel, VAT included."""
    free_shipping_from_minor: Mapped[Minor | None]
    ships_within_days: Mapped[int] = mapped_column(default=5)
    state: Mapped[CompanyState] = mapped_column(states(CompanyState, "company_state"))
    verified_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    suspended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when it may not sell, while it is suspended."""
    created_at: Mapped[Moment]

    photo: Mapped[Photo | None] = relationship(lazy="raise_on_sql")
    members: Mapped[list["CompanyMember"]] = relationship(
        back_populates="company", lazy="raise_on_sql", order_by="CompanyMember.created_at"
    )

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(pledge_bp, pledge_unit_minor) = 1", name="gives_a_share_or_an_amount"
        ),
        sa.CheckConstraint("pledge_bp between 0 and 10000", name="pledge_is_a_share"),
        sa.CheckConstraint("pledge_unit_minor >= 0", name="pledge_amount_is_not_negative"),
        sa.CheckConstraint("shipping_minor >= 0", name="shipping_is_not_negative"),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name="slug_is_plain"),
    )


class PledgeChange(Base):
    """A company promises something else, of everything or for one product; append-only."""

    __tablename__ = "pledge_change"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"))
    product_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("product.id"))
    """None where it holds for everything without a promise of its own."""
    before_bp: Mapped[int | None]
    before_unit_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    """Of a product neither: then the company's promise held."""
    after_bp: Mapped[int | None]
    after_unit_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    at: Mapped[Moment]

    by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint(
            "num_nonnulls(before_bp, before_unit_minor) <= 1 "
            "and num_nonnulls(after_bp, after_unit_minor) <= 1",
            name="is_a_share_or_an_amount",
        ),
        sa.Index("ix_pledge_change_company", "company_id", "at", "id"),
    )


class CompanyMember(Base):
    """A named person of a company."""

    __tablename__ = "company_member"

    company_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("company.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[MemberRole] = mapped_column(states(MemberRole, "company_member_role"))
    title: Mapped[Text] = mapped_column(default="")
    """What the person does there, shown to the public."""
    created_at: Mapped[Moment]

    company: Mapped[Company] = relationship(back_populates="members", lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")

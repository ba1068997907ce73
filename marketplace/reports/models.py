"""Tables of CSR reports: a published figure is a stored query result."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Moment, Text, states


class ReportState(enum.StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    PUBLISHED = "published"


class Report(Base):
    """A company's report for a period, both days included."""

    __tablename__ = "report"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"), index=True)
    slug: Mapped[Text]
    """Its place in the company's address: 2025, 2026-q1."""
    title: Mapped[Text]
    message: Mapped[Text] = mapped_column(default="")
    """The company's own words. Markdown."""
    done_badly: Mapped[Text] = mapped_column(default="")
    """What did not go well, in the company's own words. Markdown."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    currency: Mapped[Currency]
    state: Mapped[ReportState] = mapped_column(states(ReportState, "report_state"))
    as_of: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """The moment at which the figures were taken."""
    last_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The last entry of the book that the figures know of: they, and what is listed behind them,
    are made of entries up to this one."""
    figures: Mapped[dict[str, object]] = mapped_column(postgresql.JSONB, default=dict)
    """The figures as published; shape in `reports.rules.Figures`."""
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    published_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    created_at: Mapped[Moment]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    published_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.UniqueConstraint("company_id", "slug"),
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)", name="published_has_a_date"
        ),
        sa.CheckConstraint(
            "(state = 'published') = (last_transaction_id is not null)",
            name="published_has_an_end",
        ),
    )

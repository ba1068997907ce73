"""A report, its versions, and what each version says."""

import datetime as dt
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import Base, Currency, Id, Minor, Moment, Text, states
from marketplace.reports.rules import Part


class VersionState(enum.StrEnum):
    """Where a version of a report stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    """Its figures are taken and its words stand still: a second person reads it."""
    REVIEWED = "reviewed"
    PUBLISHED = "published"


class Report(Base):
    """A company's report for a period, both days included; what it says is in its versions."""

    __tablename__ = "report"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("company.id"), index=True)
    slug: Mapped[Text]
    """Its place in the company's address: 2025, 2026-q1."""
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    currency: Mapped[Currency]
    created_at: Mapped[Moment]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.UniqueConstraint("company_id", "slug"),
        sa.CheckConstraint("starts_on <= ends_on", name="starts_before_it_ends"),
    )


class Version(Base):
    """What a report says, or said until it was restated. The first one has number 1."""

    __tablename__ = "report_version"

    id: Mapped[Id]
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(states(VersionState, "report_version_state"))
    revision: Mapped[int] = mapped_column(default=0)
    """How often it was written: who saves what somebody else changed meanwhile is told so."""
    title: Mapped[Text]
    countries: Mapped[list[str]] = mapped_column(postgresql.ARRAY(sa.CHAR(2)), default=list)
    """Deliveries to which countries it is about; all where none is named."""
    reason: Mapped[Text] = mapped_column(default="")
    """Why an earlier version was restated. Plain text."""
    query_version: Mapped[int]
    """By which definition its figures were taken: docs/reports.md."""
    as_of: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """The moment at which the figures were taken."""
    last_transaction_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    """The last entry of the book that the figures know of: they, and what is listed behind them,
    are made of entries up to this one."""
    figures: Mapped[list[dict[str, object]]] = mapped_column(postgresql.JSONB, default=list)
    """The figures as taken, a list of `reports.rules.Row`; empty in a draft."""
    note: Mapped[Text] = mapped_column(default="")
    """What the second person found, when they sent it back."""
    submitted_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    submitted_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    reviewed_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    reviewed_as: Mapped[Text] = mapped_column(default="")
    """What the second person did there at the time."""
    published_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    published_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    signed_as: Mapped[Text] = mapped_column(default="")
    """What the signer did there at the time."""
    created_at: Mapped[Moment]

    report: Mapped[Report] = relationship(lazy="raise_on_sql")
    submitted_by: Mapped[User | None] = relationship(
        foreign_keys=[submitted_by_id], lazy="raise_on_sql"
    )
    reviewed_by: Mapped[User | None] = relationship(
        foreign_keys=[reviewed_by_id], lazy="raise_on_sql"
    )
    published_by: Mapped[User | None] = relationship(
        foreign_keys=[published_by_id], lazy="raise_on_sql"
    )
    sections: Mapped[list["Section"]] = relationship(
        lazy="raise_on_sql", order_by="Section.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        sa.UniqueConstraint("report_id", "number"),
        sa.CheckConstraint("number > 0", name="number_is_positive"),
        sa.CheckConstraint(
            "(state = 'published') = (published_at is not null)", name="published_has_a_date"
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (last_transaction_id is null)", name="figures_have_an_end"
        ),
        sa.CheckConstraint(
            "state <> 'reviewed' or reviewed_by_id is not null", name="reviewed_by_somebody"
        ),
        sa.CheckConstraint(
            "reviewed_by_id is null or reviewed_by_id is distinct from submitted_by_id",
            name="reviewed_by_another",
        ),
        sa.CheckConstraint(
            "number = 1 or state = 'draft' or reason <> ''", name="restated_for_a_reason"
        ),
        sa.Index(
            "uq_report_version_open",
            "report_id",
            unique=True,
            postgresql_where=sa.text("state <> 'published'"),
        ),
    )


class Section(Base):
    """A part of a version, in the order that the company gave, with its own words beside."""

    __tablename__ = "report_section"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("report_version.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[Part] = mapped_column(states(Part, "report_section_part"), primary_key=True)
    position: Mapped[int]
    is_shown: Mapped[bool] = mapped_column(default=True)
    text: Mapped[Text] = mapped_column(default="")
    """The company's own words. Markdown."""

    __table_args__ = (sa.CheckConstraint("length(text) <= 20000", name="text_is_readable"),)


class ReportProject(Base):
    """What a project was when a version's figures were taken: goals and countries may change."""

    __tablename__ = "report_project"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("report_version.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("project.id"), primary_key=True)
    slug: Mapped[Text]
    title: Mapped[Text]
    organisation: Mapped[Text]
    country: Mapped[str | None] = mapped_column(sa.CHAR(2))
    goal: Mapped[int]
    """The Sustainable Development Goal of its cause, under which its money is counted."""
    sdgs: Mapped[list[int]] = mapped_column(postgresql.ARRAY(sa.Integer))
    """All goals that it names."""
    targets: Mapped[list[str]] = mapped_column(
        postgresql.ARRAY(sa.Text), default=list, server_default="{}"
    )
    """The official targets that it names; its money is split in equal parts among them."""
    cost_minor: Mapped[Minor]
    """What the whole project costs."""


class Drift(Base):
    """What the book says now of the newest version of a report, where it says otherwise."""

    __tablename__ = "report_drift"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("report_version.id", ondelete="CASCADE"), primary_key=True
    )
    figures: Mapped[list[dict[str, object]]] = mapped_column(postgresql.JSONB)
    """The figures that differ, with what the book says: a list of `reports.rules.Row`."""
    asked_at: Mapped[Moment]

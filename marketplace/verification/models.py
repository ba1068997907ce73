"""Tables of recipients and their papers, of checks and what they carry, and of concerns."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text, states
from marketplace.media.models import Document
from marketplace.verification.rules import (
    BackedBy,
    ConcernOutcome,
    ConcernState,
    Level,
    PaperKind,
    PaperState,
    Result,
    Step,
)

ONE_SUBJECT = "num_nonnulls(company_id, project_id) = 1"


class Backing(Base):
    """What stands behind a project or company, as declared, and who agreed to its listing."""

    __tablename__ = "backing"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), unique=True)
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"), unique=True)
    kind: Mapped[BackedBy] = mapped_column(states(BackedBy, "backing_kind"))
    register_entry: Mapped[Text] = mapped_column(default="")
    """Register and number, of the organisation itself or of its host."""
    host: Mapped[Text] = mapped_column(default="")
    """The organisation that holds the money of an informal group."""
    changed_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    changed_at: Mapped[Moment]
    consent_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    consent_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    consent_by: Mapped[User | None] = relationship(
        foreign_keys=[consent_by_id], lazy="raise_on_sql"
    )

    __table_args__ = (
        sa.CheckConstraint(ONE_SUBJECT, name="is_of_a_company_or_a_project"),
        sa.CheckConstraint("(kind = 'hosted_group') = (host <> '')", name="a_hosted_group_has_one"),
        sa.CheckConstraint(
            "(consent_by_id is null) = (consent_at is null)", name="somebody_consents_on_a_day"
        ),
        sa.CheckConstraint(
            "length(register_entry) <= 200 and length(host) <= 200", name="entries_are_short"
        ),
    )


class AskedPaper(Base):
    """A paper that is asked for, the file once it is given, and what was decided."""

    __tablename__ = "asked_paper"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    kind: Mapped[PaperKind] = mapped_column(states(PaperKind, "asked_paper_kind"))
    what: Mapped[Text] = mapped_column(default="")
    """What the operator asks for, where the kind does not say it."""
    state: Mapped[PaperState] = mapped_column(states(PaperState, "asked_paper_state"))
    asked_at: Mapped[Moment]
    document_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("document.id"))
    given_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    given_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    reason: Mapped[Text] = mapped_column(default="")
    """Why it was refused; the owners read it."""
    file_deleted_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When its file had been kept for as long as it may be; that it was given and judged stays."""

    document: Mapped[Document | None] = relationship(lazy="raise_on_sql")
    given_by: Mapped[User | None] = relationship(foreign_keys=[given_by_id], lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint(ONE_SUBJECT, name="is_of_a_company_or_a_project"),
        sa.CheckConstraint(
            "(state = 'asked' or file_deleted_at is not null) = (document_id is null)",
            name="what_is_given_has_a_file",
        ),
        sa.CheckConstraint(
            "file_deleted_at is null or state <> 'asked'", name="only_what_was_given_is_deleted"
        ),
        sa.CheckConstraint("state <> 'refused' or reason <> ''", name="refused_for_a_reason"),
        sa.CheckConstraint("kind <> 'other' or what <> ''", name="another_paper_is_named"),
        sa.Index(
            "uq_asked_paper_once",
            "project_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("kind <> 'other'"),
        ),
        sa.Index(
            "uq_asked_paper_once_company",
            "company_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("kind <> 'other'"),
        ),
        sa.Index("ix_asked_paper_given", "given_at", postgresql_where=sa.text("state = 'given'")),
    )


class Check(Base):
    """One thing that an operator checked. It stays; a later check of the same step follows it."""

    __tablename__ = "verification_check"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    step: Mapped[Step] = mapped_column(states(Step, "verification_step"))
    result: Mapped[Result] = mapped_column(states(Result, "verification_result"))
    what: Mapped[Text]
    """What was looked at, for everybody to read."""
    list_on: Mapped[dt.date | None]
    """From when the sanctions list was."""
    checked_on: Mapped[dt.date]
    checked_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[Moment]

    checked_by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint(ONE_SUBJECT, name="is_of_a_company_or_a_project"),
        sa.CheckConstraint("(step = 'sanctions') = (list_on is not null)", name="a_list_has_a_day"),
        sa.CheckConstraint("length(what) between 1 and 300", name="what_is_short"),
    )


class Verification(Base):
    """What the checks carried when an operator decided, and until when; the latest one holds."""

    __tablename__ = "verification"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    level: Mapped[Level] = mapped_column(states(Level, "verification_level"))
    decided_by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[Moment]
    valid_until: Mapped[dt.date] = mapped_column(index=True)
    reminded_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """When its renewal was asked for."""

    decided_by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (sa.CheckConstraint(ONE_SUBJECT, name="is_of_a_company_or_a_project"),)


class Concern(Base):
    """What somebody tells the operator in confidence; nobody else ever reads it."""

    __tablename__ = "concern"

    id: Mapped[Id]
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"), index=True)
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    body: Mapped[Text]
    email: Mapped[Text] = mapped_column(default="")
    """Where to write to; empty for who wants to stay unknown."""
    reporter_id: Mapped[uuid.UUID | None] = mapped_column(
        sa.ForeignKey("user_account.id"), index=True
    )
    """Only of who left the address of their own account."""
    locale: Mapped[str] = mapped_column(sa.String(5))
    state: Mapped[ConcernState] = mapped_column(states(ConcernState, "concern_state"))
    outcome: Mapped[ConcernOutcome | None] = mapped_column(
        states(ConcernOutcome, "concern_outcome")
    )
    answer: Mapped[Text] = mapped_column(default="")
    """What the operator tells the reporter."""
    received_at: Mapped[Moment]
    answered_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    __table_args__ = (
        sa.CheckConstraint(ONE_SUBJECT, name="is_of_a_company_or_a_project"),
        sa.CheckConstraint("length(body) between 1 and 5000", name="body_is_readable"),
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        sa.CheckConstraint(
            "(state in ('answered', 'closed')) = (outcome is not null and ended_at is not null)",
            name="what_ended_has_an_outcome",
        ),
        sa.Index(
            "ix_concern_open",
            "received_at",
            postgresql_where=sa.text("state in ('new', 'looking')"),
        ),
    )


class ConcernNote(Base):
    """What an operator wrote down about a concern, or its reporter added."""

    __tablename__ = "concern_note"

    id: Mapped[Id]
    concern_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("concern.id"), index=True)
    author_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """None: the reporter."""
    body: Mapped[Text]
    at: Mapped[Moment]

    author: Mapped[User | None] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(body) between 1 and 5000", name="body_is_readable"),
    )

"""What readers ask about a report, and what named people of the company answer."""

import datetime as dt
import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.core.db import Base, Id, Moment, Text
from marketplace.reports.models.report import Report


class Question(Base):
    """A question in public, with its answer once there is one."""

    __tablename__ = "report_question"

    id: Mapped[Id]
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"))
    asker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    body: Mapped[Text]
    """Plain text."""
    asked_at: Mapped[Moment]
    answer: Mapped[Text] = mapped_column(default="")
    """Plain text."""
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_as: Mapped[Text] = mapped_column(default="")
    """What the person did at the company at the time."""
    answered_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    hidden_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when the operator keeps it from being read; nobody else can."""

    report: Mapped[Report] = relationship(lazy="raise_on_sql")
    asker: Mapped[User] = relationship(foreign_keys=[asker_id], lazy="raise_on_sql")
    answered_by: Mapped[User | None] = relationship(
        foreign_keys=[answered_by_id], lazy="raise_on_sql"
    )

    __table_args__ = (
        sa.CheckConstraint("length(body) between 1 and 1000", name="body_is_readable"),
        sa.CheckConstraint("length(answer) <= 3000", name="answer_is_readable"),
        sa.CheckConstraint(
            "(answer <> '') = (answered_at is not null and answered_by_id is not null)",
            name="answered_by_somebody",
        ),
        sa.Index("ix_report_question_newest", "report_id", "asked_at", "id"),
    )


class Complaint(Base):
    """Somebody tells the operator that a question or its answer is an abuse."""

    __tablename__ = "report_complaint"

    question_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("report_question.id"), primary_key=True
    )
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    why: Mapped[Text]
    made_at: Mapped[Moment]
    settled_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    question: Mapped[Question] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(why) between 1 and 1000", name="why_is_readable"),
        sa.Index(
            "ix_report_complaint_open",
            "made_at",
            postgresql_where=sa.text("settled_at is null"),
        ),
    )

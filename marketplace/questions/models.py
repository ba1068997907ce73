"""What readers ask in public, and what named people answer."""

import datetime as dt
import uuid
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import Base, Id, Moment, Text
from marketplace.projects.models import Project
from marketplace.questions.rules import About, Subject
from marketplace.reports.models import Report
from marketplace.reports.rules import address_of


class Question(Base):
    """A question in public, with its answer once there is one."""

    __tablename__ = "question"

    id: Mapped[Id]
    report_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("report.id"))
    project_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("project.id"))
    company_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("company.id"))
    asker_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"))
    body: Mapped[Text]
    """Plain text."""
    asked_at: Mapped[Moment]
    answer: Mapped[Text] = mapped_column(default="")
    """Plain text."""
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_as: Mapped[Text] = mapped_column(default="")
    """What the person did there at the time."""
    answered_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    hidden_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))
    """Since when the operator keeps it from being read; nobody else can."""
    hidden_because: Mapped[Text] = mapped_column(default="", server_default="")
    """The operator's reason, which stands where the question stood."""

    report: Mapped[Report | None] = relationship(lazy="raise_on_sql")
    project: Mapped[Project | None] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")
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
        sa.CheckConstraint(
            "num_nonnulls(report_id, project_id, company_id) = 1", name="is_about_one_thing"
        ),
        sa.Index("ix_question_report", "report_id", "asked_at", "id"),
        sa.Index("ix_question_project", "project_id", "asked_at", "id"),
        sa.Index("ix_question_company", "company_id", "asked_at", "id"),
    )

    @property
    def subject(self) -> Subject:
        """Return what it is about, which has to be loaded."""
        if self.project is not None:
            return of_project(self.project)
        if self.company is not None:
            return of_company(self.company)
        return of_report(cast("Report", self.report))  # it is about one thing


class Complaint(Base):
    """Somebody tells the operator that a question or its answer is an abuse."""

    __tablename__ = "question_complaint"

    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("question.id"), primary_key=True)
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    why: Mapped[Text]
    made_at: Mapped[Moment]
    settled_at: Mapped[dt.datetime | None] = mapped_column(sa.DateTime(timezone=True))

    question: Mapped[Question] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")

    __table_args__ = (
        sa.CheckConstraint("length(why) between 1 and 1000", name="why_is_readable"),
        sa.Index(
            "ix_question_complaint_open",
            "made_at",
            postgresql_where=sa.text("settled_at is null"),
        ),
    )


def of_project(project: Project) -> Subject:
    """Return a project as what a question is about."""
    page, desk = f"/projects/{project.slug}", f"/project-desk/{project.slug}/questions"
    who = project.organisation
    return Subject(About.PROJECT, project.id, project.title, who, project.id, page, desk)


def of_company(company: Company) -> Subject:
    """Return a company as what a question is about."""
    page, desk = f"/companies/{company.slug}", f"/company/{company.slug}/questions"
    return Subject(About.COMPANY, company.id, company.name, company.name, company.id, page, desk)


def of_report(report: Report, title: str = "") -> Subject:
    """Return a company's report, which has to come with the company; its title is a version's."""
    company = report.company
    desk = f"/company/{company.slug}/reports/{report.slug}/questions"
    page = address_of(company.slug, report.slug, None)
    told = title or company.name
    return Subject(About.REPORT, report.id, told, company.name, company.id, page, desk)

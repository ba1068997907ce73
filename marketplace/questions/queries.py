"""Reads of questions and of complaints about them."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.companies.models import CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, page_of
from marketplace.projects.models import ProjectOwner
from marketplace.questions.models import Complaint, Question
from marketplace.questions.rules import PER_PAGE, SHOWN, About, Subject
from marketplace.reports.models import Report

MOST_ON_DESK = 100
MOST_COMPLAINTS = 50

Key = tuple[datetime, uuid.UUID]
_COLUMNS = {
    About.REPORT: Question.report_id,
    About.PROJECT: Question.project_id,
    About.COMPANY: Question.company_id,
}
_ABOUT = (
    joinedload(Question.report).joinedload(Report.company),
    joinedload(Question.project),
    joinedload(Question.company),
)


@dataclass(frozen=True)
class Asked:
    """A question as everybody reads it; of what is hidden only the reason is left."""

    id: uuid.UUID
    body: str
    asker: str
    asked_at: datetime
    answer: str
    answerer: str
    role: str
    answered_at: datetime | None
    is_hidden: bool
    hidden_because: str


_ASKED = """
    select question.id, case when hidden_at is null then body else '' end as body,
        asker.name as asker, asked_at,
        case when hidden_at is null then answer else '' end as answer,
        coalesce(answerer.name, '') as answerer, answered_as as role, answered_at,
        hidden_at is not null as is_hidden, hidden_because
    from question join user_account asker on asker.id = asker_id
    left join user_account answerer on answerer.id = answered_by_id
"""
PROJECT_TALK = f"""
    select coalesce(jsonb_agg(to_jsonb(asked)), '[]')
    from ({_ASKED} where project_id = :project
        order by asked_at desc, question.id desc limit {SHOWN}) asked
"""  # noqa: S608  # our own constants
"""SQL: the newest questions about the project `:project` as JSON, for a page's one statement."""


def asked_of(rows: Iterable[Any]) -> list[Asked]:  # Any: JSON
    """Return the questions that `PROJECT_TALK` found."""
    return [
        Asked(
            **row
            | {
                "id": uuid.UUID(row["id"]),
                "asked_at": datetime.fromisoformat(row["asked_at"]),
                "answered_at": (
                    datetime.fromisoformat(row["answered_at"]) if row["answered_at"] else None
                ),
            }
        )
        for row in rows
    ]


_PAGES = {
    about: sa.text(
        f"{_ASKED} where {about}_id = :subject and (asked_at, question.id) < (:at, :id) "
        "order by asked_at desc, question.id desc limit :limit"
    )
    for about in About
}
_LATEST: Key = (datetime.fromisoformat("9999-01-01T00:00:00+00:00"), uuid.UUID(int=0))


def list_asked(subject: Subject, *, after: Key | None = None, limit: int = PER_PAGE) -> Page[Asked]:
    """Return what was asked about something, the newest first; hidden ones without their words."""
    at, last = after or _LATEST
    bounds = {"subject": subject.id, "at": at, "id": last, "limit": limit + 1}
    rows = [Asked(**row) for row in session.execute(_PAGES[subject.kind], bounds).mappings()]
    return page_of(rows, limit, lambda row: (row.asked_at, row.id))


def list_for_desk(subject: Subject, *, is_answered: bool) -> Sequence[Question]:
    """Return questions that wait, the oldest first, or answered ones, the newest first."""
    query = sa.select(Question).where(
        _COLUMNS[subject.kind] == subject.id,
        Question.hidden_at.is_(None),
        Question.answered_at.is_not(None) if is_answered else Question.answered_at.is_(None),
    )
    place = Question.asked_at.desc() if is_answered else Question.asked_at
    return session.scalars(
        query.options(joinedload(Question.asker), joinedload(Question.answered_by))
        .order_by(place, Question.id)
        .limit(MOST_ON_DESK)
        .execution_options(populate_existing=True)
    ).all()


def get_question(subject: Subject, question_id: uuid.UUID) -> Question:
    """Return a question about something that is not hidden.

    :raises NotFound: there is none.
    """
    found = session.scalar(
        sa.select(Question)
        .where(
            Question.id == question_id,
            _COLUMNS[subject.kind] == subject.id,
            Question.hidden_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def find_to_tell(question_id: uuid.UUID) -> Question | None:
    """Return a question with what it is about, asker and answer, unless it is hidden."""
    return session.scalar(
        sa.select(Question)
        .where(Question.id == question_id, Question.hidden_at.is_(None))
        .options(joinedload(Question.asker), joinedload(Question.answered_by), *_ABOUT)
    )


def list_people(subject: Subject) -> Sequence[User]:
    """Return everybody who may answer."""
    tie: type[ProjectOwner] | type[CompanyMember] = CompanyMember
    owner: sa.ColumnElement[bool] = CompanyMember.company_id == subject.owner_id
    if subject.kind is About.PROJECT:
        tie, owner = ProjectOwner, ProjectOwner.project_id == subject.owner_id
    return session.scalars(
        sa.select(User)
        .join(tie, tie.user_id == User.id)
        .where(owner, User.blocked_at.is_(None))
        .order_by(tie.created_at, User.id)
    ).all()


def list_complaints() -> Sequence[Complaint]:
    """Return complaints that wait for the operator, the oldest first."""
    asked = joinedload(Complaint.question)
    return session.scalars(
        sa.select(Complaint)
        .where(Complaint.settled_at.is_(None))
        .options(
            joinedload(Complaint.by),
            asked.joinedload(Question.asker),
            asked.joinedload(Question.answered_by),
            asked.options(*_ABOUT),
        )
        .order_by(Complaint.made_at, Complaint.question_id)
        .limit(MOST_COMPLAINTS)
    ).all()


def count_unanswered(subject: Subject) -> int:
    """Return how many questions about something wait for an answer."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Question)
            .where(
                _COLUMNS[subject.kind] == subject.id,
                Question.answered_at.is_(None),
                Question.hidden_at.is_(None),
            )
        )
        or 0
    )


def count_unanswered_of_reports(company_id: uuid.UUID) -> int:
    """Return how many questions about a company's reports wait for an answer."""
    waiting = (
        sa.select(sa.func.count())
        .select_from(Question)
        .join(Report, Report.id == Question.report_id)
        .where(
            Report.company_id == company_id,
            Question.answered_at.is_(None),
            Question.hidden_at.is_(None),
        )
    )
    return session.scalar(waiting) or 0

"""Reads of questions about reports and of complaints about them."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.companies.models import CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.reports.models import Complaint, Question, Report

MOST_QUESTIONS = 100
"""Of a report on its page, the oldest first."""
MOST_COMPLAINTS = 50


def list_questions(report_id: uuid.UUID) -> Sequence[Question]:
    """Return what readers asked about a report, with the answers, as they were asked."""
    return session.scalars(
        sa.select(Question)
        .where(Question.report_id == report_id, Question.hidden_at.is_(None))
        .options(joinedload(Question.asker), joinedload(Question.answered_by))
        .order_by(Question.asked_at, Question.id)
        .limit(MOST_QUESTIONS)
        .execution_options(populate_existing=True)
    ).all()


def get_question(report_id: uuid.UUID, question_id: uuid.UUID) -> Question:
    """Return a question about a report that is not hidden.

    :raises NotFound: there is none.
    """
    found = session.get(Question, question_id, populate_existing=True)
    if found is None or found.report_id != report_id or found.hidden_at is not None:
        raise NotFound
    return found


def find_to_tell(question_id: uuid.UUID) -> Question | None:
    """Return a question with its report, company, asker and answer, unless it is hidden."""
    return session.scalar(
        sa.select(Question)
        .where(Question.id == question_id, Question.hidden_at.is_(None))
        .options(
            joinedload(Question.asker),
            joinedload(Question.answered_by),
            joinedload(Question.report).joinedload(Report.company),
        )
    )


def list_people(company_id: uuid.UUID) -> Sequence[User]:
    """Return everybody of a company who may answer."""
    return session.scalars(
        sa.select(User)
        .join(CompanyMember, CompanyMember.user_id == User.id)
        .where(CompanyMember.company_id == company_id, User.blocked_at.is_(None))
        .order_by(CompanyMember.created_at, User.id)
    ).all()


def list_complaints() -> Sequence[Complaint]:
    """Return complaints that wait for the operator, the oldest first."""
    return session.scalars(
        sa.select(Complaint)
        .where(Complaint.settled_at.is_(None))
        .options(
            joinedload(Complaint.by),
            joinedload(Complaint.question).joinedload(Question.asker),
            joinedload(Complaint.question).joinedload(Question.answered_by),
            joinedload(Complaint.question).joinedload(Question.report).joinedload(Report.company),
        )
        .order_by(Complaint.made_at, Complaint.question_id)
        .limit(MOST_COMPLAINTS)
    ).all()


def count_unanswered(report_id: uuid.UUID) -> int:
    """Return how many questions about a report wait for an answer."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Question)
            .where(
                Question.report_id == report_id,
                Question.answered_at.is_(None),
                Question.hidden_at.is_(None),
            )
        )
        or 0
    )

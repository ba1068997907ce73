"""Asking about a report, answering by name, and telling the operator of abuse."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.following import service as following
from marketplace.following.rules import NewsKind
from marketplace.reports.models import Complaint, Question, Report


def ask(*, report_id: uuid.UUID, body: str, by: User, now: datetime) -> Question:
    """Put a question about a report before everybody."""
    question = Question(
        id=new_id(), report_id=report_id, asker_id=by.id, body=body, answer="", asked_at=now
    )
    session.add(question)
    session.flush()
    jobs.enqueue("report_question_mails", question_id=str(question.id))
    return question


def answer(*, question_id: uuid.UUID, text: str, by: User, role: str, now: datetime) -> Question:
    """Answer a question, once, by name.

    :param role: what the person does at the company
    :raises Conflict: it is answered already, or hidden.
    """
    question = session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    if question.answered_at is not None or question.hidden_at is not None:
        raise Conflict(_l("This question was answered already, or is not shown any more."))
    question.answer, question.answered_as = text, role
    question.answered_by_id, question.answered_at = by.id, now
    session.flush()
    following.tell(
        kind=NewsKind.ANSWER,
        subject_id=question.id,
        company_id=session.get_one(Report, question.report_id).company_id,
        person_id=by.id,
        at=now,
    )
    jobs.enqueue("report_answer_mail", question_id=str(question.id))
    return question


def complain(*, question_id: uuid.UUID, why: str, by: User, now: datetime) -> None:
    """Tell the operator that a question or its answer is an abuse; twice is once."""
    session.execute(
        postgresql.insert(Complaint)
        .values(question_id=question_id, by_id=by.id, why=why, made_at=now)
        .on_conflict_do_nothing()
    )


def settle_complaints(
    *, question_id: uuid.UUID, is_hidden: bool, reason: str, by: User, now: datetime
) -> None:
    """Hide a question with its answer, or let it stand; its complaints are settled either way."""
    question = session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    question.hidden_at = now if is_hidden else None
    session.execute(
        sa.update(Complaint)
        .where(Complaint.question_id == question_id, Complaint.settled_at.is_(None))
        .values(settled_at=now)
    )
    accounts.record(
        actor=by,
        action="report_question.hide" if is_hidden else "report_question.keep",
        subject_kind="report",
        subject_id=question.report_id,
        reason=reason,
        now=now,
    )
    session.flush()

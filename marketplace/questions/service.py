"""Asking in public, answering by name, and telling the operator of abuse."""

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
from marketplace.questions.models import Complaint, Question
from marketplace.questions.rules import About, Subject
from marketplace.reports.models import Report


def ask(*, subject: Subject, body: str, by: User, now: datetime) -> Question:
    """Put a question before everybody; who may answer gets a letter."""
    question = Question(
        id=new_id(),
        **{f"{subject.kind}_id": subject.id},
        asker_id=by.id,
        body=body,
        answer="",
        asked_at=now,
    )
    session.add(question)
    session.flush()
    jobs.enqueue("question_mails", question_id=str(question.id))
    return question


def answer(*, question_id: uuid.UUID, text: str, by: User, role: str, now: datetime) -> Question:
    """Answer a question, once, by name.

    :param role: what the person does at the project or company
    :raises Conflict: it is answered already, or hidden.
    """
    question = session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    if question.answered_at is not None or question.hidden_at is not None:
        raise Conflict(_l("This question was answered already, or is not shown any more."))
    question.answered_by_id, question.answered_at = by.id, now
    question.answer, question.answered_as = text, role
    session.flush()
    following.tell(
        kind=NewsKind.ANSWER,
        subject_id=question.id,
        project_id=question.project_id,
        company_id=_company_of(question),
        person_id=by.id,
        at=now,
    )
    jobs.enqueue("question_answer_mail", question_id=str(question.id))
    return question


def _company_of(question: Question) -> uuid.UUID | None:
    """Return the company that is asked, on its page or about its report."""
    if question.report_id is not None:
        return session.get_one(Report, question.report_id).company_id
    return question.company_id


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
    """Hide a question with its answer, or let it stand; its complaints are settled either way.

    Where one is hidden everybody reads the reason.
    """
    question = session.get_one(Question, question_id, with_for_update=True, populate_existing=True)
    question.hidden_at = now if is_hidden else None
    question.hidden_because = reason if is_hidden else ""
    session.execute(
        sa.update(Complaint)
        .where(Complaint.question_id == question_id, Complaint.settled_at.is_(None))
        .values(settled_at=now)
    )
    ids = {About(kind): getattr(question, f"{kind}_id") for kind in About}
    kind, subject_id = next((kind, found) for kind, found in ids.items() if found)
    accounts.record(
        actor=by,
        action="question.hide" if is_hidden else "question.keep",
        subject_kind=kind,
        subject_id=subject_id,
        reason=reason,
        now=now,
    )
    session.flush()

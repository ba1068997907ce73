"""Letters: to those who may answer a question, and to who asked it."""

import uuid

from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.worker import task
from marketplace.following.jobs import optional
from marketplace.questions import queries


@task("question_mails")
def question_mails(*, question_id: str) -> None:
    """Tell everybody who may answer what a reader asked."""
    question = queries.find_to_tell(uuid.UUID(question_id))
    if question is None:
        return
    subject = question.subject
    for user in queries.list_people(subject):
        stop_link = optional("question", user.id, user.locale)
        if stop_link is None:
            continue
        mail.send(
            to=user.email,
            kind="question",
            locale=user.locale,
            key=f"question-{question.id}-{user.id}",
            stop_link=stop_link,
            question=question,
            subject=subject,
            link=public_url(subject.desk, user.locale),
        )


@task("question_answer_mail")
def question_answer_mail(*, question_id: str) -> None:
    """Tell who asked what was answered, and by whom."""
    question = queries.find_to_tell(uuid.UUID(question_id))
    if question is None or question.answered_by is None:
        return
    user, subject = question.asker, question.subject
    stop_link = optional("question_answer", user.id, user.locale)
    if stop_link is None:
        return
    mail.send(
        to=user.email,
        kind="question_answer",
        locale=user.locale,
        key=f"question-answer-{question.id}",
        stop_link=stop_link,
        question=question,
        subject=subject,
        link=public_url(f"{subject.page}#questions", user.locale),
    )

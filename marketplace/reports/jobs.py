"""What the worker does for reports."""

import uuid

from flask import current_app

from marketplace.core import clock, mail
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.following.jobs import optional
from marketplace.reports import queries, service


@task("look_at_reports", every="17 * * * *")
def look_at_reports() -> None:
    """See whether the book says otherwise by now than the published reports."""
    versions = queries.list_newest_published()
    session.rollback()
    for version_id in versions:
        with atomic():
            service.look_again(version_id=version_id, now=clock.now())


@task("report_question_mails")
def report_question_mails(*, question_id: str) -> None:
    """Tell everybody of a company what a reader asked about its report."""
    question = queries.find_to_tell(uuid.UUID(question_id))
    if question is None:
        return
    company = question.report.company
    path = f"/company/{company.slug}/reports/{question.report.slug}/questions"
    for user in queries.list_people(company.id):
        stop_link = optional("report_question", user.id, user.locale)
        if stop_link is None:
            continue
        mail.send(
            to=user.email,
            kind="report_question",
            locale=user.locale,
            key=f"report-question-{question.id}-{user.id}",
            stop_link=stop_link,
            question=question,
            link=f"{current_app.config['PUBLIC_URL']}/{user.locale}{path}",
        )


@task("report_answer_mail")
def report_answer_mail(*, question_id: str) -> None:
    """Tell who asked about a report what was answered, and by whom."""
    question = queries.find_to_tell(uuid.UUID(question_id))
    if question is None or question.answered_by is None:
        return
    user, company = question.asker, question.report.company
    stop_link = optional("report_answer", user.id, user.locale)
    if stop_link is None:
        return
    path = f"/companies/{company.slug}/reports/{question.report.slug}#questions"
    mail.send(
        to=user.email,
        kind="report_answer",
        locale=user.locale,
        key=f"report-answer-{question.id}",
        stop_link=stop_link,
        question=question,
        company=company,
        link=f"{current_app.config['PUBLIC_URL']}/{user.locale}{path}",
    )

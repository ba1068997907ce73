"""Drafting and publishing a report; what is published stays as it was."""

import uuid
from datetime import date, datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.core.slugs import slug_of
from marketplace.reports import policies, queries
from marketplace.reports.models import Report, ReportState


def draft(*, company: Company, title: str, starts_on: date, ends_on: date, now: datetime) -> Report:
    """Begin a report for a period, both days included.

    :raises Conflict: the company is not verified.
    :raises Invalid: the period is none, lies ahead, or has a report of the same name.
    """
    _check_company(company)
    if starts_on > ends_on:
        raise Invalid(fields={"ends_on": _l("The last day must not lie before the first.")})
    if ends_on > now.date():
        raise Invalid(fields={"ends_on": _l("A report tells what was: this day has not come yet.")})
    slug = slug_of(title, fallback=f"{starts_on.year}")
    taken = session.scalar(
        sa.select(sa.func.count())
        .select_from(Report)
        .where(Report.company_id == company.id, Report.slug == slug)
    )
    if taken:
        raise Invalid(fields={"title": _l("You have a report of this name already.")})
    report = Report(
        id=new_id(),
        company_id=company.id,
        slug=slug,
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        currency=company.currency,
        state=ReportState.DRAFT,
        created_at=now,
    )
    session.add(report)
    session.flush()
    return report


def _check_company(company: Company) -> None:
    if not policies.may_report(company):
        raise Conflict(
            _l("Only a verified company publishes reports. What was published stays readable.")
        )


def write(*, report_id: uuid.UUID, title: str, message: str, done_badly: str) -> None:
    """Change the words of a draft.

    :raises Conflict: it is published.
    """
    report = session.get_one(Report, report_id, with_for_update=True)
    if report.state is ReportState.PUBLISHED:
        raise Conflict(_l("A published report stays as it is."))
    report.title, report.message, report.done_badly = title, message, done_badly
    session.flush()


def publish(*, report_id: uuid.UUID, by: User, now: datetime) -> Report:
    """Take the figures as they are now, and put the report before the public.

    :raises Conflict: it is published already, or the company is not verified.
    :raises Invalid: it does not say what went badly.
    """
    report = session.get_one(Report, report_id, with_for_update=True)
    if report.state is ReportState.PUBLISHED:
        raise Conflict(_l("A published report stays as it is."))
    _check_company(session.get_one(Company, report.company_id))
    if not report.done_badly.strip():
        raise Invalid(
            fields={
                "done_badly": _l("Say what went badly first: a report without it is a leaflet.")
            }
        )
    last = queries.lock_end_of_book()
    taken = queries.figures(report.company_id, report.starts_on, report.ends_on, last)
    report.figures, report.last_transaction_id = taken.to_json(), last
    report.as_of, report.published_at, report.published_by_id = now, now, by.id
    report.state = ReportState.PUBLISHED
    accounts.record(
        actor=by, action="report.publish", subject_kind="report", subject_id=report.id, now=now
    )
    session.flush()
    return report

"""From a draft to the public: figures are taken, a second person reads, an owner signs."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.companies.models import Company, CompanyMember
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Forbidden, Invalid
from marketplace.core.i18n import _l
from marketplace.following import service as following
from marketplace.following.rules import NewsKind
from marketplace.reports import policies, queries
from marketplace.reports.models import Claim, Drift, Report, ReportProject, Version, VersionState
from marketplace.reports.rules import Part
from marketplace.reports.service import claiming
from marketplace.reports.service.drafting import check_company


def submit(*, version_id: uuid.UUID, last_transaction_id: int, by: User, now: datetime) -> Version:
    """Take the figures as they are and hand a draft in: from now on its words stand still.

    :param last_transaction_id: where the book ended a moment ago; see `lock_end_of_book`
    :raises Conflict: it is no draft, or the company is not verified.
    :raises Invalid: it does not say what went badly, or not why it is restated.
    """
    by_id = by.id
    version = queries.lock_version(version_id)
    if version.state is not VersionState.DRAFT:
        raise Conflict(_l("It was handed in already."))
    report = session.get_one(Report, version.report_id)
    check_company(session.get_one(Company, report.company_id))
    _check_words(version)
    version.query_version, version.last_transaction_id = queries.VERSION, last_transaction_id
    version.as_of, version.note = now, ""
    version.submitted_by_id, version.submitted_at = by_id, now
    version.state = VersionState.IN_REVIEW
    session.flush()
    period = queries.period_of(report, version, last_transaction_id)
    queries.take_projects(period)
    figures = queries.take_figures(period)
    version.figures = figures.to_json()
    if any(one.part is Part.OUTCOMES and one.is_shown for one in version.sections):
        claiming.claim(report=report, version=version, figures=figures)
    _record("report.submit", version, by, now)
    session.flush()
    return version


def _check_words(version: Version) -> None:
    words = {section.part: section.text.strip() for section in version.sections}
    missing: dict[str, object] = {}
    if not words.get(Part.BADLY):
        missing["text_badly"] = _l("Say what went badly first: a report without it is a leaflet.")
    if version.number > 1 and not version.reason.strip():
        missing["reason"] = _l("Say why the report is restated: it stands above the new figures.")
    if missing:
        raise Invalid(fields=missing)


def _record(action: str, version: Version, by: User, now: datetime, reason: str = "") -> None:
    accounts.record(
        actor=by,
        action=action,
        subject_kind="report",
        subject_id=version.report_id,
        reason=reason,
        now=now,
    )


def send_back(*, version_id: uuid.UUID, note: str, by: User, now: datetime) -> None:
    """Make a draft of it again: somebody found something. Its figures are forgotten.

    :raises Conflict: it is not handed in.
    """
    version = queries.lock_version(version_id)
    if version.state not in (VersionState.IN_REVIEW, VersionState.REVIEWED):
        raise Conflict(_l("It is not being reviewed."))
    version.state, version.note = VersionState.DRAFT, note
    version.as_of = version.last_transaction_id = None
    version.figures = []
    version.submitted_by_id = version.submitted_at = None
    version.reviewed_by_id = version.reviewed_at = None
    version.reviewed_as = ""
    session.flush()
    session.execute(sa.delete(Claim).where(Claim.version_id == version.id))
    session.execute(sa.delete(ReportProject).where(ReportProject.version_id == version.id))
    _record("report.send_back", version, by, now, note)


def approve(*, version_id: uuid.UUID, by: User, now: datetime) -> None:
    """Say as a second person that it is right.

    :raises Conflict: it is not being reviewed.
    :raises Forbidden: the same person handed it in.
    """
    version = queries.lock_version(version_id)
    if version.state is not VersionState.IN_REVIEW:
        raise Conflict(_l("It is not being reviewed."))
    if not policies.may_review(version, by.id):
        raise Forbidden(_l("Somebody else than who handed it in reviews a report."))
    version.reviewed_as = _title(version, by)
    version.reviewed_by_id, version.reviewed_at = by.id, now
    version.state = VersionState.REVIEWED
    _record("report.review", version, by, now)
    session.flush()


def _title(version: Version, person: User) -> str:
    """Return what somebody does at the report's company."""
    return (
        session.scalar(
            sa.select(CompanyMember.title)
            .join(Report, Report.company_id == CompanyMember.company_id)
            .where(Report.id == version.report_id, CompanyMember.user_id == person.id)
        )
        or ""
    )


def publish(*, version_id: uuid.UUID, by: User, now: datetime) -> Version:
    """Put a version before the public, signed; the figures are those that were handed in.

    :raises Conflict: it is published, the company is not verified, or nobody else has read it.
    """
    version = queries.lock_version(version_id)
    if version.state is VersionState.PUBLISHED:
        raise Conflict(_l("A published report stays as it is. You can restate it."))
    report = session.get_one(Report, version.report_id)
    check_company(session.get_one(Company, report.company_id))
    if not policies.is_ready(version, people=queries.count_people(report.company_id)):
        raise Conflict(_l("A second person of your company has to review it first."))
    version.signed_as = _title(version, by)
    version.published_by_id, version.published_at = by.id, now
    version.state = VersionState.PUBLISHED
    session.flush()
    older = sa.select(Version.id).where(Version.report_id == version.report_id)
    session.execute(sa.delete(Drift).where(Drift.version_id.in_(older)))
    _record("report.publish", version, by, now)
    following.tell(
        kind=NewsKind.REPORT,
        subject_id=version.id,
        company_id=report.company_id,
        person_id=by.id,
        at=now,
    )
    return version

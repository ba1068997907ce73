"""Writing a version of a report: only a draft is changed."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from marketplace.reports.models import Report, Section, Version, VersionState
from marketplace.reports.rules import NEEDED, PARTS, Part, completed, moved

EARLIEST = date(2000, 1, 1)
"""Who types "0026" into a date field means another year."""


@dataclass(frozen=True)
class Written:
    """What somebody wrote into a draft."""

    revision: int
    """What they had before them when they began."""
    title: str
    countries: Sequence[str]
    reason: str
    texts: Mapping[Part, str]
    shown: frozenset[Part]


def begin(
    *,
    company: Company,
    title: str,
    starts_on: date,
    ends_on: date,
    now: datetime,
    countries: Sequence[str] = (),
) -> Version:
    """Begin a report for a period, both days included.

    :raises Conflict: the company is not verified.
    :raises Invalid: the period is none, lies ahead, or has a report of the same name.
    """
    check_company(company)
    if starts_on < EARLIEST:
        raise Invalid(fields={"starts_on": _l("Is the year right? We know nothing so old.")})
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
        starts_on=starts_on,
        ends_on=ends_on,
        currency=company.currency,
        created_at=now,
    )
    session.add(report)
    session.flush()
    parts = [Section(part=part, position=place) for place, part in enumerate(PARTS)]
    version = _version(report, 1, now)
    version.title, version.countries, version.sections = title, sorted(set(countries)), parts
    return _added(version)


def check_company(company: Company) -> None:
    """Refuse what only a verified company does.

    :raises Conflict: it is not.
    """
    if not policies.may_report(company):
        raise Conflict(
            _l("Only a verified company publishes reports. What was published stays readable.")
        )


def _version(report: Report, number: int, now: datetime) -> Version:
    return Version(
        id=new_id(),
        report_id=report.id,
        report=report,
        number=number,
        state=VersionState.DRAFT,
        query_version=queries.VERSION,
        created_at=now,
    )


def _added(version: Version) -> Version:
    session.add(version)
    session.flush()
    return version


def _lock_draft(version_id: uuid.UUID) -> Version:
    version = queries.lock_version(version_id)
    if version.state is VersionState.PUBLISHED:
        raise Conflict(_l("A published report stays as it is. You can restate it."))
    if version.state is not VersionState.DRAFT:
        raise Conflict(_l("It is being reviewed, and stays as it is. Take it back to change it."))
    return version


def write(*, version_id: uuid.UUID, written: Written) -> None:
    """Change the words of a draft.

    :raises Conflict: it is no draft.
    :raises Invalid: somebody else changed it meanwhile, or it leaves out what it needs.
    """
    version = _lock_draft(version_id)
    if version.revision != written.revision:
        raise Invalid(
            _l(
                "Somebody else changed this draft meanwhile. What you wrote stands below; open the "
                "draft in another window, compare, and save again."
            ),
            fields={},
        )
    left_out = [part for part in NEEDED if part not in written.shown]
    if left_out:
        raise Invalid(
            fields={f"shown_{part}": _l("No report leaves this part out.") for part in left_out}
        )
    version.title, version.reason = written.title, written.reason
    version.countries = sorted(set(written.countries))
    version.revision += 1
    for section in version.sections:
        section.text = written.texts.get(section.part, "")
        section.is_shown = section.part in written.shown
    session.flush()


def move(*, version_id: uuid.UUID, part: Part, up: bool) -> None:
    """Put a part of a draft one place further up or down.

    :raises Conflict: it is no draft.
    """
    version = _lock_draft(version_id)
    order = moved([section.part for section in version.sections], part, up=up)
    for section in version.sections:
        section.position = order.index(section.part)
    session.flush()


def discard(*, version_id: uuid.UUID, by: User, now: datetime) -> None:
    """Throw a draft away; a report that was never published goes with it.

    :raises Conflict: it is no draft.
    """
    version = _lock_draft(version_id)
    report_id, number = version.report_id, version.number
    session.delete(version)
    session.flush()
    if number == 1:
        session.execute(sa.delete(Report).where(Report.id == report_id))
    accounts.record(
        actor=by, action="report.discard", subject_kind="report", subject_id=report_id, now=now
    )


def restate(*, version: Version, now: datetime) -> Version:
    """Begin the next version of a published report, with the words of the last one.

    :raises Conflict: the company is not verified, or another version is being written.
    """
    report = session.get_one(Report, version.report_id, with_for_update=True)
    check_company(session.get_one(Company, report.company_id))
    newest = session.scalars(
        sa.select(Version).where(Version.report_id == report.id).order_by(Version.number.desc())
    ).first()
    if newest is None or newest.state is not VersionState.PUBLISHED:
        raise Conflict(_l("A new version of this report is being written already."))
    last = queries.lock_version(newest.id)
    words = {one.part: one for one in last.sections}
    kept = [one.part for one in sorted(last.sections, key=lambda one: one.position)]
    sections = [
        Section(
            part=part,
            position=place,
            is_shown=words[part].is_shown if part in words else True,
            text=words[part].text if part in words else "",
        )
        for place, part in enumerate(completed(kept))
    ]
    version = _version(report, last.number + 1, now)
    version.title, version.countries, version.sections = last.title, last.countries, sections
    return _added(version)

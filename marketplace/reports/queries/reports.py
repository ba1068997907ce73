"""Reads of reports and their versions."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import joinedload, selectinload

from marketplace.companies.models import Company, CompanyMember, CompanyState
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.reports.models import Drift, Report, Version, VersionState

MOST_VERSIONS = 10_000


@dataclass(frozen=True)
class Card:
    """A report as a list shows it, by its newest version."""

    slug: str
    title: str
    starts_on: date
    ends_on: date
    currency: str
    number: int
    state: VersionState
    as_of: datetime | None
    last_transaction_id: int | None
    published_at: datetime | None


@dataclass(frozen=True)
class Stand:
    """A published version beside its report's others."""

    number: int
    title: str
    published_at: datetime
    reason: str
    figures: list[dict[str, object]] | None
    """Only of the version that was asked for."""


_CARD = (
    Report.slug, Version.title, Report.starts_on, Report.ends_on, Report.currency, Version.number,
    Version.state, Version.as_of, Version.last_transaction_id, Version.published_at,
)  # fmt: skip


def find_company(slug: str) -> Company | None:
    """Return a company whose reports everybody may read: one that is or was verified."""
    states = (CompanyState.VERIFIED, CompanyState.SUSPENDED)
    return session.scalar(sa.select(Company).where(Company.slug == slug, Company.state.in_(states)))


def _newest(company_id: uuid.UUID, *which: sa.ColumnElement[bool]) -> list[Card]:
    newest = (
        sa.select(*_CARD)
        .join_from(Report, Version, Version.report_id == Report.id)
        .where(Report.company_id == company_id, *which)
        .ext(distinct_on(Report.starts_on, Report.id))
        .order_by(Report.starts_on.desc(), Report.id.desc(), Version.number.desc())
    )
    return [Card(**row) for row in session.execute(newest).mappings()]


def list_of_company(company_id: uuid.UUID) -> list[Card]:
    """Return a company's reports by their newest version, the newest period first."""
    return _newest(company_id)


def list_published(company_id: uuid.UUID) -> list[Card]:
    """Return a company's published reports, the newest period first."""
    return _newest(company_id, Version.state == VersionState.PUBLISHED)


def _versions(company_slug: str, slug: str) -> sa.Select[Version]:
    """Select a report's versions, the newest first, with all that a page says of one."""
    return (
        sa.select(Version)
        .join(Version.report)
        .join(Report.company)
        .options(
            joinedload(Version.report).joinedload(Report.company),
            joinedload(Version.submitted_by),
            joinedload(Version.reviewed_by),
            joinedload(Version.published_by),
            selectinload(Version.sections),
        )
        .where(Company.slug == company_slug, Report.slug == slug)
        .order_by(Version.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def get_published(company_slug: str, slug: str, number: int | None = None) -> Version:
    """Return a published version of a report, the newest where no number is asked for.

    :raises NotFound: there is none.
    """
    wanted = _versions(company_slug, slug).where(Version.state == VersionState.PUBLISHED)
    if number is not None:
        if number > MOST_VERSIONS:
            raise NotFound
        wanted = wanted.where(Version.number == number)
    found = session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


def get_newest(company_slug: str, slug: str) -> Version:
    """Return the newest version of a report, whatever its state: for its company only.

    :raises NotFound: there is no such report.
    """
    found = session.scalar(_versions(company_slug, slug))
    if found is None:
        raise NotFound
    return found


def list_versions(report_id: uuid.UUID, *, before: int = 0) -> list[Stand]:
    """Return the published versions of a report, the newest first.

    :param before: the one before this number comes with its figures
    """
    figures = sa.case((Version.number == before - 1, Version.figures))
    rows = session.execute(
        sa.select(Version.number, Version.title, Version.published_at, Version.reason, figures)
        .where(Version.report_id == report_id, Version.state == VersionState.PUBLISHED)
        .order_by(Version.number.desc())
    )
    return [Stand(*row) for row in rows]


def lock_version(version_id: uuid.UUID) -> Version:
    """Return a version with its sections, as it is, and let nobody else change it meanwhile."""
    return session.scalars(
        sa.select(Version)
        .where(Version.id == version_id)
        .options(selectinload(Version.sections))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def count_people(company_id: uuid.UUID) -> int:
    """Return how many people work for a company."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(CompanyMember)
            .where(CompanyMember.company_id == company_id)
        )
        or 0
    )


def find_drift(version_id: uuid.UUID) -> Drift | None:
    """Return what the book says otherwise by now, as the last look at it found."""
    return session.get(Drift, version_id, populate_existing=True)


def list_newest_published() -> Sequence[uuid.UUID]:
    """Return the newest published version of every report."""
    return session.scalars(
        sa.select(Version.id)
        .where(Version.state == VersionState.PUBLISHED)
        .ext(distinct_on(Version.report_id))
        .order_by(Version.report_id, Version.number.desc())
    ).all()


def get_version(version_id: uuid.UUID) -> Version:
    """Return a version with its report and company."""
    return session.scalars(
        sa.select(Version)
        .where(Version.id == version_id)
        .options(joinedload(Version.report).joinedload(Report.company))
    ).one()

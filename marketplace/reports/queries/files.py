"""Reads of the files that were made of reports."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from marketplace.core.db import session
from marketplace.reports.models import Report, ReportFile, Version

_WITH_REPORT = joinedload(ReportFile.version).joinedload(Version.report).joinedload(Report.company)


def find_file(sha256: bytes) -> ReportFile | None:
    """Return a file by its SHA-256, with the report that it is of."""
    return session.scalar(
        sa.select(ReportFile).where(ReportFile.sha256 == sha256).options(_WITH_REPORT)
    )


def list_newer(version: Version) -> Sequence[int]:
    """Return the numbers of the published versions that came after one, the newest first."""
    return session.scalars(
        sa.select(Version.number)
        .where(
            Version.report_id == version.report_id,
            Version.number > version.number,
            Version.published_at.is_not(None),
        )
        .order_by(Version.number.desc())
    ).all()

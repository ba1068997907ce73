"""Keeping in mind which files were made of a report."""

import uuid
from datetime import datetime

from sqlalchemy.dialects import postgresql

from marketplace.core.db import session
from marketplace.reports.models import ReportFile


def remember_file(*, sha256: bytes, version_id: uuid.UUID, language: str, now: datetime) -> None:
    """Note a file that is handed out; the same one twice is once."""
    session.execute(
        postgresql.insert(ReportFile)
        .values(sha256=sha256, version_id=version_id, language=language, made_at=now)
        .on_conflict_do_nothing()
    )

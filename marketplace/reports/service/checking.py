"""Looking whether the book says otherwise by now."""

import uuid
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import session
from marketplace.reports import queries
from marketplace.reports.models import Drift
from marketplace.reports.rules import LATE, By, Figures, Row, changes


def look_again(*, version_id: uuid.UUID, now: datetime) -> bool:
    """Compare a published version with the book; keep what differs, and say whether anything does.

    That money was confirmed or paid out since is no difference: only what came or was taken back
    late is.
    """
    version = queries.get_version(version_id)
    told = Figures.from_json(version.figures)
    found = [
        one
        for one in changes(told, queries.figures_now(version.report, version), LATE)
        if one.by == By.ALL and one.figure in told
    ]
    session.execute(sa.delete(Drift).where(Drift.version_id == version_id))
    if found:
        rows = [Row(one.figure, one.by, one.of, one.label, one.new) for one in found]
        session.add(Drift(version_id=version_id, figures=Figures(rows).to_json(), asked_at=now))
        session.flush()
    return bool(found)

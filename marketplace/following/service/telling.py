"""Writing down that something was told, in the transaction that tells it."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.ids import new_id
from marketplace.following.models import News
from marketplace.following.rules import COLLECT_FOR, NewsKind, day_of_spending


def tell(
    *,
    kind: NewsKind,
    subject_id: uuid.UUID,
    project_id: uuid.UUID | None = None,
    company_id: uuid.UUID | None = None,
    team_id: uuid.UUID | None = None,
    person_id: uuid.UUID | None,
    at: datetime,
) -> None:
    """Let everybody who follows the project, company or team, or who tells it, hear of a row.

    The same row a second time changes nothing.
    """
    told = session.scalar(
        postgresql.insert(News)
        .values(
            id=new_id(),
            kind=kind,
            subject_id=subject_id,
            project_id=project_id,
            company_id=company_id,
            team_id=team_id,
            person_id=person_id,
            at=at,
        )
        .on_conflict_do_nothing()
        .returning(News.id)
    )
    if told is not None:
        later = at + COLLECT_FOR if kind is NewsKind.SPENDING else None
        jobs.enqueue("tell_news", run_at=later, news_id=str(told), after=None)


def untell(*, subject_id: uuid.UUID) -> None:
    """Let nothing be heard any more of a row that was thought better of."""
    session.execute(sa.delete(News).where(News.subject_id == subject_id))


def tell_spending(*, project_id: uuid.UUID, person_id: uuid.UUID, at: datetime) -> None:
    """Let be heard what a project shows receipts for: all of one day as one thing."""
    day = day_of_spending(project_id, at)
    if session.scalar(sa.select(News.id).where(News.subject_id == day)) is None:
        tell(
            kind=NewsKind.SPENDING,
            subject_id=day,
            project_id=project_id,
            person_id=person_id,
            at=at,
        )

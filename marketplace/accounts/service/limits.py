"""How often something may be tried, counted in the database so that all processes agree."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from marketplace.accounts.models import RateWindow
from marketplace.core.db import session
from marketplace.core.errors import TooMany


def allow(*, key: str, limit: int, window_seconds: int, now: datetime) -> None:
    """Count one try, in one statement. Call it in a transaction of its own, before the work.

    :raises TooMany: `limit` tries of this window are used up; it says how long to wait.
    """
    over = RateWindow.expires_at <= now
    ends = now + timedelta(seconds=window_seconds)
    counted = (
        postgresql.insert(RateWindow)
        .values(key=key, hits=1, expires_at=ends)
        .on_conflict_do_update(
            index_elements=[RateWindow.key],
            set_={
                "hits": sa.case((over, 1), else_=RateWindow.hits + 1),
                "expires_at": sa.case((over, ends), else_=RateWindow.expires_at),
            },
        )
        .returning(RateWindow.hits, RateWindow.expires_at)
    )
    hits, expires_at = session.execute(counted).one()
    if hits > limit:
        raise TooMany(retry_after=max(1, round((expires_at - now).total_seconds())))


def forgive(*, key: str) -> None:
    """Forget the tries of a key: the last one was right."""
    session.execute(sa.delete(RateWindow).where(RateWindow.key == key))


def purge_limits(*, now: datetime) -> None:
    """Forget windows that are over."""
    session.execute(sa.delete(RateWindow).where(RateWindow.expires_at <= now))

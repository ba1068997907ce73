"""Letters to the people behind a pool, asked for in the transaction of what they tell."""

import uuid
from datetime import datetime

from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool
from marketplace.campaigns.rules import PoolState, told_of
from marketplace.core import jobs
from marketplace.core.db import session


def tell(pool: Pool, what: str, key: str, amount_minor: int = 0) -> None:
    """Let the people behind a pool get a letter about something that `key` names."""
    jobs.enqueue("pool_mails", pool_id=str(pool.id), what=what, key=key, amount_minor=amount_minor)


def tell_of_use(*, pool_id: uuid.UUID, now: datetime) -> None:
    """Tell once when most of a budget is used, when all of it is, and how the pool has ended.

    What is paid in anew begins anew. The end is told when no order is open any more and what was
    left has been sent back.
    """
    pool = queries.lock_pool(pool_id)
    if pool is None:
        return
    percent = told_of(pool.used_minor, pool.budget_minor)
    if pool.state is PoolState.FUNDED and percent > pool.told_percent:
        pool.told_percent = percent
        what = "used_up" if percent == 100 else "mostly_used"
        tell(pool, what, f"{pool.budget_minor}")
    is_empty = not (pool.reserved_minor or pool.rest_minor or pool.frozen_minor)
    if pool.state is PoolState.ENDED and is_empty and pool.told_end_at is None:
        pool.told_end_at = now
        tell(pool, "ended", "end", pool.returned_minor)
    session.flush()

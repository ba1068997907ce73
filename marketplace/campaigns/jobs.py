"""Pools end when their time is over, and what comes back afterwards goes to their sponsors."""

import uuid

from marketplace.campaigns import queries, service
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.worker import task


@task("end_pools", every="*/10 * * * *")
def end_pools() -> None:
    """End the pools whose time is over; each is a transaction of its own."""
    moment = now()
    due = queries.list_to_end(moment)
    session.rollback()
    for pool_id in due:
        with atomic():
            service.end_due(pool_id=pool_id, now=moment)


@task("sweep_pool")
def sweep_pool(*, pool_id: str) -> None:
    """Send on what came back to a pool that has ended."""
    with atomic():
        service.sweep(pool_id=uuid.UUID(pool_id), now=now())

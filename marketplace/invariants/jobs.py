"""The books are proved while they are in use."""

import structlog

from marketplace.core.db import session
from marketplace.core.worker import task
from marketplace.invariants import queries


class BooksDoNotHold(RuntimeError):
    """An invariant is broken: the job fails, and the operator sees it among the failed jobs."""


@task("check_books", every="*/10 * * * *")
def check_books() -> None:
    """Check every invariant; say which is broken, loudly."""
    broken = [finding for finding in queries.check_all() if not finding.holds]
    session.rollback()
    for finding in broken:
        structlog.get_logger().error(
            "invariant_broken", invariant=finding.invariant.name, broken=finding.broken
        )
    if broken:
        raise BooksDoNotHold(", ".join(finding.invariant.name for finding in broken))

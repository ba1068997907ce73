"""What the worker does for reports."""

from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.reports import queries, service


@task("look_at_reports", every="17 * * * *")
def look_at_reports() -> None:
    """See whether the book says otherwise by now than the published reports."""
    versions = queries.list_newest_published()
    session.rollback()
    for version_id in versions:
        with atomic():
            service.look_again(version_id=version_id, now=clock.now())

"""Work on photos that nobody waits for."""

import structlog

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.worker import task
from marketplace.media import service


@task("sweep_photos", every="17 3 * * *")
def sweep_photos() -> None:
    """Take away files whose transaction was undone."""
    with atomic():
        swept = service.sweep_orphans(now=clock.now())
    structlog.get_logger().info("photos_swept", files=swept)

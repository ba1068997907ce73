"""Every night everything is written anew."""

from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from flask import current_app

from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import snapshot
from marketplace.core.worker import task
from marketplace.opendata import service
from marketplace.opendata.queries import Edition
from marketplace.opendata.rules.records import Publisher
from marketplace.reconciliation.queries import public_totals


def publisher() -> Publisher:
    """Return who tells, by the settings."""
    settings = current_app.config["SETTINGS"]
    return Publisher(
        "Causeway",
        public_url(),
        settings.open_data_prefix,
        settings.iati_reference,
    )


@task("publish_open_data", every="50 3 * * *")
def publish() -> None:
    """Make the night's edition, unless totals stand still: then the one before stays."""
    if publish_now() is None:
        structlog.get_logger().warning("open_data_held_back")


def publish_now() -> Edition | None:
    """Write and store an edition; None while a difference with the provider is unexplained."""
    if public_totals(str(current_app.config["SETTINGS"].currency)).is_held:
        return None
    with TemporaryDirectory() as name:
        folder = Path(name)
        with snapshot():
            edition = service.write_all(folder=folder, publisher=publisher(), now=clock.now())
        service.store(edition=edition, folder=folder)
    return edition

"""The demo market, in which everybody writes what does harm."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import db as database
from marketplace.core.worker import TASKS
from marketplace.payments import gateway
from sandbox.transport import WSGITransport
from tests import cluster
from tests.browser.hostile.market import Market
from tests.conftest import undone
from tests.provider import WEBHOOK_SECRET

SOON_DONE = ("compact_ledger", "fold_given", "recount_projects", "sequence_log", "write_invoices")
"""What a worker does in the first minutes, and pages are made of."""


@pytest.fixture(scope="session")
def demo_engine(
    app: Flask, engine: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Return an engine over the demo world after its first minutes; nobody else touches it."""
    demo = database.make_engine(cluster.demo_dsn(tmp_path_factory.mktemp("demo")))
    database.bind(demo)
    with app.app_context():
        for name in SOON_DONE:
            TASKS[name].run()
        database.session.remove()
    database.bind(engine)
    yield demo
    demo.dispose()


@pytest.fixture(scope="module")
def market(
    untraced: None, app: Flask, engine: sa.Engine, demo_engine: sa.Engine, payment_double: Flask
) -> Iterator[Market]:
    """Return the demo market; what is done to it is undone at the end."""
    before = gateway.current()
    gateway.bind(
        gateway.in_process(transport=WSGITransport(payment_double), webhook_secret=WEBHOOK_SECRET)
    )
    with demo_engine.connect() as connection, undone(app, connection, afterwards=engine) as session:
        yield Market(app, session)
    gateway.bind(before)

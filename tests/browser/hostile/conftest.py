"""The demo market, in which everybody writes what does harm."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import db as database
from marketplace.payments import gateway
from sandbox.transport import WSGITransport
from tests import cluster
from tests.browser.hostile.market import Market
from tests.conftest import undone
from tests.provider import WEBHOOK_SECRET


@pytest.fixture(scope="session")
def demo_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """Return an engine over the demo world, which nobody else touches."""
    engine = database.make_engine(cluster.demo_dsn(tmp_path_factory.mktemp("demo")))
    yield engine
    engine.dispose()


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

"""The demo market, in which everybody writes what does harm."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import db as database
from marketplace.payments import gateway
from sandbox.transport import WSGITransport
from tests.browser.hostile.market import Market
from tests.browser.site import Site
from tests.conftest import undone
from tests.provider import WEBHOOK_SECRET


@pytest.fixture(scope="module")
def market(app: Flask, engine: sa.Engine, site: Site, payment_double: Flask) -> Iterator[Market]:
    """Return the demo market of the running site; what is done to it is undone at the end."""
    before = gateway.current()
    gateway.bind(
        gateway.in_process(transport=WSGITransport(payment_double), webhook_secret=WEBHOOK_SECRET)
    )
    demo = database.make_engine(site.dsn)
    with demo.connect() as connection, undone(app, connection, afterwards=engine) as session:
        yield Market(app, session)
    demo.dispose()
    gateway.bind(before)

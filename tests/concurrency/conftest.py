"""A database in which commits are commits; the usual one is bound again afterwards."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.core import db as database
from tests import cluster
from tests.concurrency.market import Market
from tests.provider import Provider


@pytest.fixture(scope="module", autouse=True)
def walked(untraced: None) -> None:
    """Let coverage look away: what many do at once here, one has done elsewhere."""


@pytest.fixture(scope="module")
def committing_engine() -> Iterator[sa.Engine]:
    """Return an engine over a fresh database of this module."""
    engine = database.make_engine(cluster.test_dsn("concurrency"), pool_size=20)
    yield engine
    engine.dispose()


@pytest.fixture
def market(
    app: Flask, engine: sa.Engine, committing_engine: sa.Engine, provider: Provider
) -> Iterator[Market]:
    """Return the product over that database."""
    database.bind(committing_engine)
    with app.app_context():
        try:
            yield Market(app, provider)
        finally:
            database.bind(engine)

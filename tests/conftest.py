"""What every test may ask for: the app, a database that forgets, people and things in it."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from uuid import uuid4

import hypothesis
import pytest
import sqlalchemy as sa
from coverage import Coverage
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import sandbox
from config import Settings
from marketplace import create_app
from marketplace.core import db as database
from marketplace.core.worker import TASKS
from marketplace.demo.bank import Bank
from marketplace.look.build import build
from marketplace.payments import gateway
from sandbox.app import store_of
from sandbox.transport import WSGITransport
from tests import cluster, factories, measuring
from tests.client import Browser
from tests.distribution import pytest_xdist_make_scheduler
from tests.faults.tally import (
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.journeys.purchase import shop
from tests.mailbox import box, over_smtp
from tests.provider import WEBHOOK_SECRET, Provider

__all__ = [
    "box",
    "over_smtp",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_make_scheduler",
    "shop",
]

if Coverage.current() is not None:  # it costs as much as what it looks at
    measuring.look_away()

# A busy machine is no fault of the code: how long an example takes proves nothing here.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

NEXT_JOBS = "select id, task_name, args from procrastinate_jobs where status = 'todo' order by id"


@pytest.fixture(scope="session")
def dsn() -> str:
    """Return a migrated database of this test process."""
    return cluster.test_dsn()


@pytest.fixture(scope="session")
def engine(dsn: str) -> Iterator[sa.Engine]:
    """Return an engine of the product's own role."""
    engine = database.make_engine(dsn)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return settings for a test: everything in a folder that is thrown away."""
    place = tmp_path_factory.mktemp("instance")
    return Settings.from_env(
        {
            "ENVIRONMENT": "test",
            "DATABASE_URL": dsn,
            "INSTANCE_PATH": str(place),
            "MAIL_URL": "memory:",
            "SECRET_KEY": "a secret that is only for tests and long enough",
            "PUBLIC_URL": "http://localhost",
            "PAGE_SECONDS": "0",
        }
    )


@contextmanager
def unmeasured() -> Iterator[None]:
    """Let coverage look away."""
    measured = Coverage.current()
    if measured is not None:
        measured.stop()
    try:
        yield
    finally:
        if measured is not None:
            measured.start()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let coverage look away while tests are found: it would take as long again."""
    with unmeasured():
        return (yield)


@pytest.fixture(scope="session")
def app(settings: Settings, engine: sa.Engine) -> Flask:
    """Return the product, with its static files."""
    with unmeasured():  # it is long, and has tests of its own
        build()
    app = create_app(settings, engine=engine)
    app.testing = True
    app.test_client_class = Browser
    return app


@pytest.fixture(scope="module")
def untraced(app: Flask) -> Iterator[None]:
    """Let coverage look away, for a module that walks a thousand times where others have been.

    Looking takes as long as walking. What is covered is told too low that way, never too high.
    """
    with unmeasured():
        yield


@contextmanager
def undone(app: Flask, connection: sa.Connection, *, afterwards: sa.Engine) -> Iterator[Session]:
    """Give a session whose work is undone, whatever commits in between.

    Deferred constraints are checked at the end, as a real commit would. Then sessions work on the
    engine `afterwards` again.
    """
    with app.app_context():
        connection.execution_options(isolation_level="READ COMMITTED")
        outer = connection.begin()
        database.bind(connection, inside_savepoint=True)
        kept = database.session()
        remove = database.session.remove
        database.session.remove = kept.expunge_all  # type: ignore[method-assign]  # the request's end
        try:
            yield kept
            if kept.is_active:
                kept.flush()
                connection.execute(sa.text("set constraints all immediate"))
        finally:
            database.session.remove = remove  # type: ignore[method-assign]  # as it was
            database.bind(afterwards)
            outer.rollback()


@pytest.fixture
def db(app: Flask, engine: sa.Engine) -> Iterator[Session]:
    """Return a session whose work is undone."""
    with engine.connect() as connection, undone(app, connection, afterwards=engine) as session:
        yield session


@pytest.fixture
def client(app: Flask, db: Session) -> FlaskClient:
    """Return a browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def sign_in() -> Callable[..., str]:
    """Return `factories.sign_in`: call it with a client and a user."""
    return factories.sign_in


@pytest.fixture
def run_jobs(app: Flask, db: Session) -> Callable[[], list[str]]:
    """Return a function that does what is enqueued, until nothing is; it returns the names."""

    def run() -> list[str]:
        done: list[str] = []
        while jobs := db.execute(sa.text(NEXT_JOBS)).all():
            for job_id, name, arguments in jobs:
                db.execute(sa.text("delete from procrastinate_jobs where id = :id"), {"id": job_id})
                db.commit()
                TASKS[name].run(**arguments)
                done.append(name)
        return done

    return run


@pytest.fixture(scope="session")
def payment_double() -> Iterator[Flask]:
    """Return Stripe's double over a database of its own: it commits for real, as the world does."""
    double = sandbox.create_app(
        cluster.empty_dsn("sandbox"),
        public_url="http://pay.test",
        webhook_url=None,
        webhook_secret=WEBHOOK_SECRET,
    )
    # All tests of a process share its balance: no dispute or refund of one leaves another short.
    Bank(double).pay(uuid4(), 99_999_999, "EUR")
    yield double
    store_of(double).close()


@pytest.fixture
def provider(app: Flask, payment_double: Flask) -> Iterator[Provider]:
    """Return the outside world of payments, bound as the product's gateway."""
    before = gateway.current()
    gateway.bind(
        gateway.in_process(transport=WSGITransport(payment_double), webhook_secret=WEBHOOK_SECRET)
    )
    outside = Provider(payment_double, app)
    outside.forget()
    yield outside
    gateway.bind(before)

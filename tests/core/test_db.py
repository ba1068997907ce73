"""Reading opens no transaction; a use case is one."""

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Category
from marketplace.core import db as database
from marketplace.core.db import NestedTransaction, atomic, session
from tests import cluster


@pytest.fixture
def apart(app, engine):
    """Let sessions work on the engine itself, as they do outside of tests."""
    database.bind(engine)
    with app.app_context():
        yield engine
    database.bind(engine)


def status():
    return session.connection().connection.dbapi_connection.info.transaction_status.name


def worker_of(dsn):
    engine = database.make_engine(dsn)
    with engine.connect() as connection:
        names = connection.execute(sa.text("select session_user, current_user")).one()
    engine.dispose()
    return tuple(names)


class TestRole:
    def test_is_the_one_that_may_not_change_the_book(self, dsn):
        owner, worker = worker_of(dsn)
        assert worker == database.APP_ROLE != owner

    def test_is_the_owner_where_the_other_has_no_rights(self, dsn):
        """It was made after the tables, or by another installation on the same server."""
        owner, worker = worker_of(cluster.empty_dsn("without_rights"))
        assert worker == owner


class TestReading:
    def test_leaves_no_transaction_open(self, apart):
        session.execute(sa.text("select 1"))
        assert status() == "IDLE"


class TestAtomic:
    def test_is_one_transaction(self, apart):
        with atomic():
            session.execute(sa.text("select 1"))
            assert status() == "INTRANS"
            assert session.scalar(sa.text("show transaction_isolation")) == "read committed"
        session.execute(sa.text("select 1"))
        assert status() == "IDLE"

    def test_undoes_all_of_it(self, apart):
        def fail():
            with atomic():
                session.add(Category(slug="passing", name_en="P", name_fr="P", name_it="P"))
                session.flush()
                raise LookupError

        with pytest.raises(LookupError):
            fail()
        assert session.scalar(sa.select(Category).where(Category.slug == "passing")) is None

    def test_does_not_nest(self, apart):
        with atomic(), pytest.raises(NestedTransaction), atomic():
            pass

    def test_keeps_what_was_read_before(self, apart):
        number = session.scalar(sa.text("select 1"))
        with atomic():
            assert number == 1
        assert not session.info["atomic"]

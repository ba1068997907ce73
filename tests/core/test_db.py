"""Reading opens no transaction; a use case is one."""

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Category
from marketplace.core import db as database
from marketplace.core.db import NestedTransaction, atomic, session


@pytest.fixture
def apart(app, engine):
    """Let sessions work on the engine itself, as they do outside of tests."""
    database.bind(engine)
    with app.app_context():
        yield engine
    database.bind(engine)


def status():
    return session.connection().connection.dbapi_connection.info.transaction_status.name


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

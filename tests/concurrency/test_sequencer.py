"""Several sequencers at once, in processes of their own, while the ledger is written to."""

import multiprocessing
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from marketplace.core import db as database
from marketplace.core.db import atomic, session
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import CLEARING, AccountKey, Entry, Kind, Purpose, Source
from marketplace.proofs import service
from marketplace.proofs.models import Horizon, Leaf
from marketplace.proofs.queries import log, sequencing
from tests import cluster, factories
from tests.concurrency.market import PATIENCE_SECONDS
from tests.proofs.conftest import SIGNER
from tests.proofs.trees import root_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def book(app, engine):
    """A database in which commits are commits, with one project in it; its address and account."""
    dsn = cluster.test_dsn("sequencer")
    own = database.make_engine(dsn, pool_size=10)
    database.bind(own)
    with app.app_context():
        try:
            with atomic():
                project = factories.make_project()
            yield dsn, own, AccountKey(Purpose.PROJECT_PENDING, project.id, Source.PLEDGE)
        finally:
            database.bind(engine)
            own.dispose()


def give(account, minor=100):
    ledger.post(
        kind=Kind.CAPTURE,
        effect_key=f"test:{new_id()}",
        currency="EUR",
        entries=[Entry(CLEARING, account, minor)],
        effective_at=NOW,
    )


def sequence(most=7):
    """Do what the job does; return how many leaves were added."""
    leaves, after, is_done = 0, 0, False
    while not is_done:
        with atomic():
            run = service.sequence(signer=SIGNER, now=NOW, after_id=after, most=most)
        leaves, after, is_done = leaves + run.leaves, run.last_id, run.is_done
    return leaves


def work(dsn, rounds, told):
    """Be one of several sequencers."""
    database.bind(database.make_engine(dsn, pool_size=2))
    told.put(sum(sequence() for _ in range(rounds)))


def leaves():
    session.rollback()
    return list(session.execute(sa.select(Leaf.transfer_id, Leaf.entry).order_by(Leaf.index)))


class TestSequencers:
    def test_at_once_write_each_leaf_once(self, book):
        """Fails if two of them may write at a time, or if one looks before the other has ended."""
        dsn, _own, account = book
        ways = multiprocessing.get_context("spawn")
        told = ways.Queue()
        others = [ways.Process(target=work, args=(dsn, 30, told)) for _ in range(2)]
        for one in others:
            one.start()
        for _ in range(40):
            with atomic():
                give(account)
        counts = [told.get(timeout=PATIENCE_SECONDS) for _ in others]
        for one in others:
            one.join(PATIENCE_SECONDS)
        added = sum(counts) + sequence()
        rows = leaves()
        assert len({transfer for transfer, _ in rows}) == len(rows) == added == 40
        head = log.get_head()
        assert (head.size, head.root) == (40, root_of([entry for _, entry in rows]))

    def test_waits_for_nobody(self, book):
        _dsn, own, account = book
        with atomic():
            give(account)
        with cluster.in_transactions(own).connect() as other:
            other.execute(sa.text("select pg_advisory_xact_lock(:key)"), {"key": sequencing.LOCK})
            assert sequence() == 0
            other.rollback()
        assert sequence() == 1


class TestLateCommit:
    def test_is_logged_although_higher_numbers_are_already(self, book, app):
        """Fails if the horizon follows the highest number seen."""
        _dsn, _own, account = book
        other = AccountKey(account.purpose, account.owner_id, Source.TOP_UP)
        for one in (account, other):  # so that nobody waits for an account to be opened
            with atomic():
                give(one)
        assert sequence() == 2
        written, may_commit = threading.Event(), threading.Event()

        def late():
            with app.app_context(), atomic():
                give(account, 1)
                written.set()
                assert may_commit.wait(PATIENCE_SECONDS)

        thread = threading.Thread(target=late)
        thread.start()
        assert written.wait(PATIENCE_SECONDS)
        for _ in range(3):
            with atomic():
                give(other, 2)
            assert sequence() == 1
        session.rollback()
        assert session.get(Horizon, 1).done_id < 3
        may_commit.set()
        thread.join(PATIENCE_SECONDS)
        assert sequence() == 1
        assert [transfer for transfer, _ in leaves()] == [1, 2, 4, 5, 6, 3]

    def test_is_not_looked_for_below_the_horizon(self, book):
        """Transactions of other tests on the same server hold the horizon, too: end them here."""
        _dsn, _own, account = book
        for _ in range(2):
            with atomic():
                give(account)
            sequence()
        with atomic():
            session.execute(sa.update(Horizon).values(seen_id=2, seen_xid=3))
        sequence()
        session.rollback()
        horizon = session.get(Horizon, 1, populate_existing=True)
        assert (horizon.done_id, horizon.seen_id) == (2, 2)
        assert horizon.seen_xid > 3

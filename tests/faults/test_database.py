"""PostgreSQL is killed, or cannot be reached any more, at each commit of what moves money."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs
from marketplace.core import clock, worker
from marketplace.core import db as database
from marketplace.core.db import session
from marketplace.core.migrate import upgrade
from marketplace.orders.models import OrderState
from sandbox.app import store_of
from sandbox.control import advance_clock
from tests.checkout.shopper import Shopper
from tests.cluster import CHECKOUT
from tests.faults.server import PATIENCE_SECONDS, Server
from tests.faults.steps import LATER, STEPS, Step, held, ready_to_place
from tests.faults.tally import TALLY
from tests.faults.wire import Do, Line, Wire

IS_LONG = os.environ.get("FAULTS") == "long"
HOWS = ["connection cut", "backend killed", "server killed"]
FEW = [
    ("place", "connection cut", Do.CUT_AFTER),
    ("place", "server killed", Do.CUT_BEFORE),
    ("settle", "backend killed", Do.CUT_AFTER),
    ("refund", "connection cut", Do.CUT_AFTER),
    ("release", "connection cut", Do.CUT_BEFORE),
    ("pay out", "server killed", Do.CUT_AFTER),
    ("dispute", "server killed", Do.CUT_AFTER),
]
ALL = [
    (name, how, do) for name in STEPS for how in HOWS for do in (Do.CUT_BEFORE, Do.CUT_AFTER)
]  # fmt: skip
BEGUN = (
    "insert into procrastinate_jobs (queue_name, task_name, args, status) "
    "values ('q', %s, '{}', 'doing')"
)
LEFT = "select status from procrastinate_jobs where queue_name = 'q'"
ROUNDS = 10 if IS_LONG else 2
DEAD = (sa.exc.DBAPIError, sa.exc.TimeoutError)
MANY = 60  # more commits than any step has


@dataclass
class Ground:
    """A server that may be killed, and a breakable wire to it."""

    server: Server
    wire: Wire
    engine: sa.Engine

    def breaks(self, how: str, do: Do, nth: int) -> None:
        """Break at the nth commit from now, before it arrives or before it is answered."""

        def kill(line: Line) -> None:
            if how == "backend killed":
                self._kill_backend(line.backend_pid)
            if how == "server killed":
                self.server.kill()
            TALLY.crashes += how != "connection cut"

        self.wire.when(b"COMMIT", do, nth=nth, then=kill)

    def _kill_backend(self, pid: int) -> None:
        """Kill one backend; the server then throws out everybody, and we wait until it does."""
        with self.server.connect() as watcher, suppress(psycopg.OperationalError):
            os.kill(pid, signal.SIGKILL)
            while watcher.execute("select 1"):
                time.sleep(0.01)

    def heals(self) -> bool:
        """Let everything be well again; return whether anything had broken."""
        was_broken = self.wire.faults > 0
        TALLY.faults += self.wire.faults
        self.wire.faults = 0
        self.wire.heal()
        self.server.start()
        return was_broken


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """Return a server of this module, with the product's tables."""
    memory = Path("/dev/shm")
    place = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    server = Server(place).make().start()
    with server.connect() as connection:
        connection.execute("create database market")
    upgrade(server.dsn("market"))
    with Wire(server.socket) as wire:
        engine = database.make_engine(server.dsn("market", port=wire.port))
        yield Ground(server, wire, engine)
        session.remove()
        engine.dispose()
    server.stop()
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def committing_engine(ground) -> sa.Engine:
    """Return the market's engine: it reaches the server over the wire."""
    return ground.engine


def begin(step: Step) -> None:
    """Begin it; a worker's job ends badly, and so does a command of an operator."""
    with suppress(*DEAD):
        step.begin()
    session.remove()


class TestStep:
    @pytest.mark.parametrize(("name", "how", "do"), ALL if IS_LONG else FEW)
    def test_is_done_once_whichever_commit_breaks(
        self, market, ground, monkeypatch, name, how, do
    ):  # fmt: skip
        """Fails if two things belong together and are committed apart, or one is done again."""
        for nth in range(1, MANY):
            step = STEPS[name](market)
            step.ready()
            session.expunge_all()  # what it knows of orders is from before
            ground.breaks(how, do, nth)
            begin(step)
            has_broken = ground.heals()
            with monkeypatch.context() as patch:
                then = clock.now() + LATER
                patch.setattr(jobs, "now", lambda then=then: then)
                step.again()
            step.ended()
            assert market.broken() == []
            if not has_broken:
                break
        assert 1 < nth < MANY - 1


class TestAcknowledged:
    def test_purchases_outlive_the_server(self, market, ground):
        """Fails if a commit is answered before it is safe."""
        for _ in range(ROUNDS):
            order_id = market.buy(market.stall(on_hand=1)).id
            ground.server.kill()
            TALLY.crashes += 1
            forget(ground)
            ground.server.start()
            assert market.seen(order_id).state is OrderState.PAID
        assert market.broken() == []

    def test_purchases_of_a_storm_are_there_and_no_other_payment_is_lost(
        self, market, ground, monkeypatch
    ):
        """Fails if somebody is charged and nobody knows, or something is sold twice."""
        stall, acked, is_over = market.stall(on_hand=900), [], threading.Event()

        def shop() -> None:
            while not is_over.is_set():
                try:
                    acked.append(market.buy(stall).id)
                except DEAD:
                    time.sleep(0.02)
                finally:
                    session.remove()

        def kill() -> None:
            for _ in range(ROUNDS):
                time.sleep(0.3)
                ground.server.kill()
                ground.server.start()
                TALLY.crashes += 1
            is_over.set()

        assert market.at_once([*[shop] * 4, kill]) == [None] * 5
        forget(ground)
        with monkeypatch.context() as patch:
            then = clock.now() + LATER
            patch.setattr(jobs, "now", lambda: then)
            jobs.run_due_commands()
            jobs.ask_for_payments()
        assert {market.seen(order_id).state for order_id in acked} == {OrderState.PAID}
        sold = sa.text("select count(*) from customer_order where state = 'paid' and id in "
                       "(select order_id from order_line where variant_id = :it)")  # fmt: skip
        assert session.scalar(sold, {"it": stall.variant_id}) == 900 - held(stall)[0]
        assert market.broken() == []


class TestWorker:
    def test_takes_up_what_a_killed_one_had_begun(self, market, ground, monkeypatch):
        """Fails if that is done only when a worker starts: another may start too early."""
        monkeypatch.setattr(worker, "STALLED_AFTER_SECONDS", 0.05)

        async def look() -> None:
            async with worker.make_queue(market.app, dsn).open_async() as queue:
                looking = asyncio.create_task(worker._look_for_stalled(queue))
                await asyncio.to_thread(is_over.wait, PATIENCE_SECONDS)
                looking.cancel()

        def wait_put_back(count: int) -> None:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while connection.execute(LEFT).fetchall() != [("todo",)] * count:
                assert time.monotonic() < deadline
                time.sleep(0.02)

        dsn, is_over = ground.server.dsn("market"), threading.Event()
        with ground.server.connect("market") as connection:
            connection.execute(BEGUN, ["purge_baskets"])
            thread = threading.Thread(target=lambda: asyncio.run(look()))
            thread.start()
            try:
                wait_put_back(1)
                connection.execute(BEGUN, ["compact_ledger"])
                wait_put_back(2)
            finally:
                is_over.set()
                thread.join()

    @pytest.mark.skipif(not IS_LONG, reason="it starts a whole worker")
    def test_carries_on_when_the_server_was_gone(self, market, ground, tmp_path):
        """Fails if a worker ends with its database, or never finds the way back."""
        dsn = ground.server.dsn("market")
        environ = dict(os.environ) | {
            "DATABASE_URL": dsn,
            "ENVIRONMENT": "test",
            "INSTANCE_PATH": str(tmp_path),
            "MAIL_URL": "memory:",
            "SECRET_KEY": "a secret that is only for tests and long enough",
        }
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
        with (
            (tmp_path / "log").open("wb") as log,
            subprocess.Popen(command, cwd=CHECKOUT, env=environ, stdout=log, stderr=log) as process,
        ):
            try:
                for _ in range(3):
                    enqueue_and_wait(ground)
                    ground.server.kill()
                    TALLY.crashes += 1
                    time.sleep(0.5)
                    ground.server.start()
                enqueue_and_wait(ground)
                assert process.poll() is None
                process.terminate()
                assert process.wait(30) == 0
            finally:
                process.kill()
        forget(ground)


def enqueue_and_wait(ground: Ground) -> None:
    """Let the worker do something; it is gone from the table when it is done."""
    count = "select count(*) from procrastinate_jobs where task_name = 'compact_ledger'"
    deadline = time.monotonic() + 90
    with ground.server.connect("market") as connection:
        connection.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args) "
            "values ('default', 'compact_ledger', '{}')"
        )
        while connection.execute(count).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def forget(ground: Ground) -> None:
    """Let go of connections to a server that is gone."""
    session.remove()
    ground.engine.dispose()


class TestWeb:
    PATHS = ("/", "/products", "/projects", "/basket", "/checkout/payment", "/readyz")

    def test_says_come_back_while_the_server_is_gone_and_recovers_by_itself(self, market, ground):
        """Fails if a page breaks without its database, or keeps connections that are dead."""
        stall = market.stall(on_hand=1)
        shopper = ready_to_place(market, stall)
        before = [shopper.get(path).status_code for path in self.PATHS]
        ground.server.kill()
        TALLY.crashes += 1
        for path in self.PATHS:
            page = shopper.get(path)
            assert (path, page.status_code) == (path, 503)
            assert page.headers["Retry-After"] == "30"
        assert "try again in a minute" in shopper.get("/basket").text
        told = shopper.get("/api/v1/products")
        assert (told.status_code, told.mimetype) == (503, "application/problem+json")
        ground.server.start()
        assert [shopper.get(path).status_code for path in self.PATHS] == before

    def test_says_come_back_while_connections_are_cut_as_they_are_made(self, market, ground):
        """Fails if only an answer of the server itself counts as an accident of the database."""
        shopper = Shopper(market.app.test_client())
        for sent in (0, 8, 100, 420):
            session.remove()
            ground.engine.dispose()
            ground.wire.cut_after = {"back": sent}
            assert (sent, shopper.get("/products").status_code) == (sent, 503)
            ground.heals()
            assert shopper.get("/products").status_code == 200

    def test_says_come_back_while_nobody_answers(self, market, ground, monkeypatch):
        """Fails if a request waits for a machine that is gone as long as the driver would."""
        monkeypatch.setattr(database, "CONNECT_SECONDS", 2)
        forget(ground)
        shopper = Shopper(market.app.test_client())
        impatient = database.make_engine(ground.server.dsn("market", port=ground.wire.port))
        database.bind(impatient)
        ground.wire.is_deaf = True
        began = time.monotonic()
        assert shopper.get("/products").status_code == 503
        assert time.monotonic() - began < 60
        ground.heals()
        assert shopper.get("/products").status_code == 200
        session.remove()
        impatient.dispose()
        database.bind(ground.engine)

    def test_lets_the_provider_tell_again_what_could_not_be_kept(self, market, ground):
        """Fails if a message is acknowledged that is not committed."""
        order = market.place(market.stall())
        market.messages(order)
        market.provider.pay(order.payment_url or "")
        ground.wire.when(b"COMMIT", Do.CUT_BEFORE)
        answers = market.provider.deliver()
        assert 503 in answers
        assert ground.heals()
        store = store_of(market.provider.double)
        advance_clock(store, 7200)  # it waits before it tells again
        told_again = market.provider.deliver()
        store.change_setting("clock", {"offset": 0})
        assert set(told_again) == {200}
        assert market.kinds(order) == ["capture", "fee"]
        assert market.broken() == []

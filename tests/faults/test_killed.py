"""A web process or a worker is killed between any two steps; others carry on."""

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.orders.models import Order, OrderState
from marketplace.payouts import jobs as payout_jobs
from marketplace.payouts.models import PayoutState
from sandbox.app import store_of
from tests.cluster import CHECKOUT, environ_for_others
from tests.concurrency.market import Market
from tests.concurrency.test_payouts import make_payee, payouts_of, transfers
from tests.faults.steps import (
    Disputing,
    DisputingPool,
    Releasing,
    held,
    news_of,
    orders_of,
    sessions_of,
)
from tests.faults.tally import TALLY
from tests.faults.victim import Doing

pytestmark = pytest.mark.usefixtures("untraced")

SENDING = [
    "before sending",
    "after the provider's answer",
    "before noting the answer",
    "after noting the answer",
]
PLACING = ["after placing", *SENDING]
RETURNING = ["before the payment is committed", "after the payment is committed"]
HEARING = ["before a message is committed", "after a message is committed"]
RELEASING = ["before a release is committed", "after a release is committed"]
LATER = timedelta(minutes=5)


@pytest.fixture(scope="module")
def forge(tmp_path_factory) -> Iterator[Callable[[Doing], int]]:
    """Return a function that lets a process of its own do something, and says how it ended."""
    place = tmp_path_factory.mktemp("victims")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.victim", str(place)],
        cwd=CHECKOUT, env=environ_for_others(), text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip

        def run(doing: Doing) -> int:
            process.stdin.write(json.dumps(asdict(doing)) + "\n")
            process.stdin.flush()
            return int(process.stdout.readline())

        yield run
        process.stdin.close()


@pytest.fixture
def kill(committing_engine, forge, tmp_path):
    """Return a function that runs a step in a process of its own, which dies at a failpoint."""
    url = committing_engine.url.set(drivername="postgresql")

    def run(market: Market, at: str, doing: str, **asked: str) -> None:
        log = tmp_path / "log"
        ended = forge(
            Doing(
                at=at,
                dsn=url.render_as_string(hide_password=False),
                sandbox=store_of(market.provider.double)._dsn,
                doing=doing,
                log=str(log),
                asked=asked,
            )
        )
        assert ended == -signal.SIGKILL, log.read_text()
        TALLY.crashes += 1

    return run


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the clock of the worker forward."""

    def move(by: timedelta) -> None:
        then = clock.now() + by
        monkeypatch.setattr(jobs, "now", lambda: then)

    return move


class TestKilledWhilePlacing:
    def test_before_the_commit_leaves_nothing(self, market, kill):
        """Fails if the stock is held in a transaction of its own."""
        stall = market.stall(on_hand=1)
        kill(market, "before placing is committed", "place",
             variant=str(stall.variant_id), project=str(stall.project_id))  # fmt: skip
        assert orders_of(stall) == []
        assert held(stall) == (1, 0)
        assert market.broken() == []

    @pytest.mark.parametrize("at", PLACING)
    def test_the_order_can_be_paid_once_the_worker_has_looked(self, market, kill, later, at):
        """Fails if a command is not committed with its order, or is sent again without its key."""
        stall = market.stall(on_hand=1)
        kill(market, at, "place", variant=str(stall.variant_id), project=str(stall.project_id))
        later(LATER)
        jobs.run_due_commands()
        (order,) = orders_of(stall)
        assert sessions_of(market, order) == 1
        market.provider.pay(market.seen(order.id).payment_url)
        jobs.ask_for_payments()
        assert market.seen(order.id).state is OrderState.PAID
        assert market.charges(order) == [3660]
        assert held(stall) == (0, 0)
        assert market.broken() == []

    @pytest.mark.parametrize("at", ["after placing", "after the provider's answer"])
    def test_the_order_lapses_if_nobody_pays(self, market, kill, later, at):
        """Fails if a lapse leaves the hold, or lets go while the payment page stands open."""
        stall = market.stall(on_hand=1)
        kill(market, at, "place", variant=str(stall.variant_id), project=str(stall.project_id))
        later(LATER)
        jobs.run_due_commands()
        later(timedelta(hours=3))
        jobs.let_orders_lapse()
        jobs.run_due_commands()
        (order,) = orders_of(stall)
        assert order.state is OrderState.LAPSED
        assert held(stall) == (1, 0)
        assert market.charges(order) == []
        assert market.broken() == []


class TestKilledWhileReturning:
    @pytest.mark.parametrize("at", RETURNING)
    def test_the_payment_counts_once(self, market, kill, later, at):
        """Fails if the capture is posted in another transaction than the order's state."""
        order = market.place(market.stall(on_hand=1))
        market.provider.pay(order.payment_url)
        kill(market, at, "return", session=order.checkout_session_id)
        later(LATER)
        jobs.ask_for_payments()
        assert market.seen(order.id).state is OrderState.PAID
        assert market.kinds(order) == ["capture", "fee"]
        assert market.letters(order) == ["order_receipt_mail"]
        assert market.charges(order) == [3760]
        assert market.broken() == []


class TestKilledWhileRefunding:
    @pytest.mark.parametrize("at", SENDING)
    def test_gives_back_once(self, market, kill, later, at):
        """Fails if a command that was sent is sent again under another key."""
        order = market.buy(market.stall(on_hand=1))
        command = ask_back(order, clock.now())
        kill(market, at, "send", command=command)
        later(LATER)
        jobs.run_due_commands()
        assert market.refunds(order.payment_id) == [3760]
        assert market.seen(order.id).refunded_minor == 3760
        assert market.broken() == []

    @pytest.mark.parametrize("at", HEARING)
    def test_and_being_told_of_it_gives_back_once(self, market, kill, later, at):
        """Fails if a message counts as heard before its effect is there, or the effect twice."""
        order = market.buy(market.stall())
        command = ask_back(order, clock.now())
        news_of(market, order)
        kill(market, "after the provider's answer", "send", command=command)
        told = next(one for one in news_of(market, order) if one.refund)
        kill(market, at, "hear", message=told.payload)
        later(LATER)
        jobs.take_event(told)
        jobs.run_due_commands()
        assert market.refunds(order.payment_id) == [3760]
        assert market.kinds(order) == ["capture", "fee", "refund"]
        assert market.broken() == []


def a_payee_of_a_new_day(market: Market):
    """Make a company with 50.00 that are confirmed; nobody was paid yet today."""
    bank = Bank(market.provider.double)
    bank.pay(uuid.uuid4(), 100_000, "EUR")
    with atomic():
        session.execute(sa.text("update payout_run set ended_at = null"))
    return make_payee(bank)


class TestKilledWhileReleasing:
    @pytest.mark.parametrize("at", RELEASING)
    def test_the_next_round_moves_each_cent_once(self, market, kill, at):
        """Fails if what is released is committed apart from the note that it was."""
        step = Releasing(market)
        step.ready()
        session.commit()
        kill(market, at, "release")
        step.again()
        step.ended()
        assert market.broken() == []


class TestKilledWhileHearingOfADispute:
    @pytest.mark.parametrize("at", HEARING)
    @pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
    def test_freezes_and_takes_back_once(self, market, kill, at, place):
        """Fails if a dispute is noted apart from what is frozen for it."""
        step = Disputing(market)
        step.ready()
        kill(market, at, "hear", message=step.disputes[place].payload)
        step.again()
        step.ended()
        assert market.broken() == []


class TestKilledWhileHearingOfADisputeOverAPool:
    @pytest.mark.parametrize("at", HEARING)
    @pytest.mark.parametrize("place", [0, -1], ids=["first", "last"])
    def test_freezes_and_lets_go_once(self, market, kill, at, place):
        """Fails if what a pool holds is committed apart from what the book says of it."""
        step = DisputingPool(market)
        step.ready()
        kill(market, at, "hear", message=step.disputes[place].payload)
        step.again()
        step.ended()
        assert market.broken() == []


class TestKilledWhilePayingOut:
    @pytest.mark.parametrize("at", ["before a payout is committed", "after a payout is committed"])
    def test_the_next_run_pays_each_cent_once(self, market, kill, at):
        """Fails if what is set aside is committed without its command, or a run never ends."""
        payee = a_payee_of_a_new_day(market)
        kill(market, at, "pay out")
        payout_jobs.pay_out()
        market.run_commands()
        (payout,) = payouts_of([payee])
        assert payout.state is PayoutState.PAID
        assert transfers(market, [payout]) == [1]
        assert "payouts" not in market.broken()

    @pytest.mark.parametrize("at", SENDING)
    def test_a_transfer_is_made_once(self, market, kill, later, at):
        """Fails if it is sent anew, under another key."""
        payee = a_payee_of_a_new_day(market)
        payout_jobs.pay_out()
        (payout,) = payouts_of([payee])
        command = session.scalar(
            sa.text("select id from provider_command where subject_id = :id"), {"id": payout.id}
        )
        kill(market, at, "send", command=str(command))
        later(LATER)
        jobs.run_due_commands()
        (payout,) = payouts_of([payee])
        assert payout.state is PayoutState.PAID
        assert transfers(market, [payout]) == [1]


def ask_back(order: Order, now: datetime) -> str:
    """Ask for all of an order; return the command that waits."""
    with atomic():
        refund = service.request_full_refund(
            order_id=order.id, reason="Torn", requested_by_id=None, now=now
        )
    return str(
        session.scalar(
            sa.text("select id from provider_command where subject_id = :id"), {"id": refund.id}
        )
    )

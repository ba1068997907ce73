"""The web process is killed between any two steps of a purchase; others carry on."""

import json
import os
import signal
import subprocess
import sys
import uuid
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Variant
from marketplace.checkout import jobs, service
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.demo.bank import Bank
from marketplace.orders.models import Order, OrderState
from marketplace.payouts import jobs as payout_jobs
from marketplace.payouts.models import PayoutState
from sandbox.app import store_of
from tests.cluster import CHECKOUT
from tests.concurrency.market import Market, Stall
from tests.concurrency.test_payouts import make_payee, payouts_of, transfers
from tests.faults.tally import TALLY

PLACING = [
    "after placing",
    "before sending",
    "after the provider's answer",
    "after noting the answer",
]
RETURNING = ["before the payment is committed", "after the payment is committed"]
LATER = timedelta(minutes=5)


@pytest.fixture
def kill(committing_engine, tmp_path):
    """Return a function that runs a step in a process of its own, which dies at a failpoint."""

    def run(market: Market, at: str, doing: str, **asked: str) -> None:
        environ = dict(os.environ) | {
            "ENVIRONMENT": "test",
            "CAUSEWAY_FAILPOINT": at,
            "DATABASE_URL": committing_engine.url.set(
                drivername="postgresql"
            ).render_as_string(hide_password=False),
            "INSTANCE_PATH": str(tmp_path),
            "MAIL_URL": "memory:",
            "SECRET_KEY": "a secret that is only for tests and long enough",
            "PUBLIC_URL": "http://localhost",
        }  # fmt: skip
        asked["sandbox"] = store_of(market.provider.double)._dsn
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.victim", doing, json.dumps(asked)],
            cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
        TALLY.crashes += 1

    return run


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves the clock of the worker forward."""

    def move(by: timedelta) -> None:
        then = clock.now() + by
        monkeypatch.setattr(jobs, "now", lambda: then)

    return move


def newest(stall: Stall) -> Order | None:
    """Return the order of something that only one shopper wanted."""
    session.rollback()
    return session.scalar(
        sa.select(Order).where(
            sa.text("exists (select from stock_hold where order_id = customer_order.id "
                    "and variant_id = :variant)").bindparams(variant=stall.variant_id)
        )
    )  # fmt: skip


def held(stall: Stall) -> tuple[int, int]:
    session.rollback()
    session.expire_all()
    variant = session.get_one(Variant, stall.variant_id)
    return variant.on_hand, variant.reserved


def sessions_of(market: Market, order: Order) -> int:
    with store_of(market.provider.double).connection() as connection:
        return connection.execute(
            "select count(*) from sandbox.object where type = 'checkout.session' "
            "and data ->> 'client_reference_id' = %s", [str(order.id)],
        ).fetchone()[0]  # fmt: skip


class TestKilledWhilePlacing:
    def test_before_the_commit_leaves_nothing(self, market, kill):
        """Fails if the stock is held in a transaction of its own."""
        stall = market.stall(on_hand=1)
        kill(market, "before placing is committed", "place",
             variant=str(stall.variant_id), project=str(stall.project_id))  # fmt: skip
        assert newest(stall) is None
        assert held(stall) == (1, 0)
        assert market.broken() == []

    @pytest.mark.parametrize("at", PLACING)
    def test_the_order_can_be_paid_once_the_worker_has_looked(self, market, kill, later, at):
        """Fails if a command is not committed with its order, or is sent again without its key."""
        stall = market.stall(on_hand=1)
        kill(market, at, "place", variant=str(stall.variant_id), project=str(stall.project_id))
        later(LATER)
        jobs.run_due_commands()
        order = newest(stall)
        assert order is not None
        assert sessions_of(market, order) == 1
        market.provider.pay(market.seen(order.id).payment_url)
        jobs.ask_for_payments()
        assert market.seen(order.id).state is OrderState.PAID
        assert market.charges(order) == [3660]
        assert held(stall) == (0, 0)
        assert market.broken() == []

    @pytest.mark.parametrize("at", [PLACING[0], PLACING[2]])
    def test_the_order_lapses_if_nobody_pays(self, market, kill, later, at):
        """Fails if a lapse leaves the hold, or lets go while the payment page stands open."""
        stall = market.stall(on_hand=1)
        kill(market, at, "place", variant=str(stall.variant_id), project=str(stall.project_id))
        later(LATER)
        jobs.run_due_commands()
        later(timedelta(hours=3))
        jobs.let_orders_lapse()
        jobs.run_due_commands()
        order = newest(stall)
        assert order is not None
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
    @pytest.mark.parametrize("at", PLACING[2:3])
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


def a_payee_of_a_new_day(market: Market):
    """Make a company with 50.00 that are confirmed; nobody was paid yet today."""
    bank = Bank(market.provider.double)
    bank.pay(uuid.uuid4(), 100_000, "EUR")
    with atomic():
        session.execute(sa.text("update payout_run set ended_at = null"))
    return make_payee(bank)


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

    @pytest.mark.parametrize("at", ["before sending", PLACING[2]])
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

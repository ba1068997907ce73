"""A provider of one test alone: what other tests paid is no business of a reconciliation."""

from datetime import timedelta

import pytest

import sandbox
from marketplace.checkout import jobs as checkout_jobs
from marketplace.core import clock
from marketplace.payments import gateway
from marketplace.reconciliation import jobs, queries
from sandbox.app import store_of
from sandbox.transport import WSGITransport
from tests import cluster
from tests.journeys.purchase import pay, place
from tests.provider import WEBHOOK_SECRET, Provider


@pytest.fixture
def provider(app):
    """Return a provider without a past."""
    before = gateway.current()
    double = sandbox.create_app(
        cluster.empty_dsn("reconciled"),
        public_url="http://pay.test",
        webhook_url=None,
        webhook_secret=WEBHOOK_SECRET,
    )
    gateway.bind(gateway.in_process(transport=WSGITransport(double), webhook_secret=WEBHOOK_SECRET))
    yield Provider(double, app)
    gateway.bind(before)
    store_of(double).close()


@pytest.fixture
def later(monkeypatch):
    """Return a function that moves our clock on, so that nothing is too young to be told."""
    real = clock.now

    def move(hours):
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(hours=hours))

    return move


@pytest.fixture
def buys(shop, provider):
    """Return a function that buys and pays; `noticed=False` keeps the payment from us."""

    def buy(*, noticed=True):
        order = place(shop)
        if noticed:
            return pay(order, provider)
        provider.pay(order.payment_url)
        return order

    return buy


@pytest.fixture
def notices():
    """Return a function that lets us learn of an order's payment."""
    return lambda order: checkout_jobs.settle_session(order.checkout_session_id)


@pytest.fixture
def differences():
    """Return a function that reconciles and tells what is not explained: what each side says."""

    def run():
        jobs.reconcile_now()
        rows = queries.list_differences("unexplained").rows
        return sorted(
            (one.key.split(":")[0], one.ledger_minor, one.provider_minor, one.bank_minor)
            for one in rows
        )

    return run

"""A sandbox over an empty database, and the unmodified SDK in front of it."""

import os
from collections.abc import Callable, Iterator

import pytest
import stripe
from flask import Flask
from flask.testing import FlaskClient

from sandbox import create_app
from sandbox.app import store_of
from sandbox.store import Store
from sandbox.transport import WSGITransport

SECRET = "whsec_test"
PUBLIC_URL = "http://pay.test"
TABLES = ("delivery", "event", "idempotency", "journal", "setting", "object")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "field: compares with recorded objects of the real Stripe")


@pytest.fixture(scope="session")
def dsn() -> str:
    given = os.environ.get("SANDBOX_TEST_DSN")
    if given:
        return given
    from tests import cluster

    return cluster.empty_dsn("sandbox")


@pytest.fixture(scope="session")
def served_app(dsn: str) -> Iterator[Flask]:
    app = create_app(dsn, public_url=PUBLIC_URL, webhook_url=None, webhook_secret=SECRET)
    yield app
    store_of(app).close()


@pytest.fixture
def app(served_app: Flask, dsn: str) -> Flask:
    with store_of(served_app).connection() as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM sandbox.{table}")
    return served_app


@pytest.fixture
def store(app: Flask) -> Store:
    return store_of(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_sandbox", http_client=WSGITransport(app))


@pytest.fixture
def v1(client: stripe.StripeClient) -> stripe._v1_services.V1Services:
    return client.v1


@pytest.fixture
def control(browser: FlaskClient) -> Callable[..., dict]:
    def call(path: str, **sent: object) -> dict:
        reply = browser.post(f"/_sandbox/{path}", json=sent)
        assert reply.status_code == 200, reply.text
        return reply.get_json()

    return call


@pytest.fixture
def pay(v1):
    """Take money at once: a succeeded payment intent."""

    def make(amount: int = 10_000, card: str = "pm_card_visa", **more: object):
        params = {"amount": amount, "currency": "eur", "payment_method": card, "confirm": True}
        return v1.payment_intents.create(params={**params, **more})

    return make


@pytest.fixture
def session(v1):
    """An open Checkout Session over 45.00 EUR."""

    def make(**more: object):
        def line(name: str, amount: int, quantity: int) -> dict:
            data = {"currency": "eur", "product_data": {"name": name}, "unit_amount": amount}
            return {"price_data": data, "quantity": quantity}

        params = {
            "mode": "payment",
            "line_items": [line("Olive oil", 1500, 2), line("Soap", 1500, 1)],
            "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.test/basket",
            "payment_intent_data": {"transfer_group": "order-1", "metadata": {"order": "1"}},
            "metadata": {"order": "1"},
            "client_reference_id": "order-1",
        }
        return v1.checkout.sessions.create(params={**params, **more})

    return make


def card_form(number: str = "4242424242424242", **more: str) -> dict[str, str]:
    form = {
        "email": "ada@example.org",
        "card_number": number,
        "card_expiry": "12/34",
        "card_cvc": "123",
        "cardholder_name": "Ada Example",
    }
    return {**form, **more}


@pytest.fixture
def account(v1, control):
    """A connected account that can receive transfers."""

    def make():
        made = v1.accounts.create(params={"type": "express", "country": "FR"})
        control(f"accounts/{made.id}/onboard")
        return made.id

    return make

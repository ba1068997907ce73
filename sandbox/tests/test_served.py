"""The program as it is served: HTTP, its background courier, its signals."""

import http.server
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator

import pytest
import stripe

from sandbox.tests.conftest import SECRET, TABLES, card_form

ROOT = __file__.rsplit("/sandbox/", 1)[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def received() -> Iterator[tuple[str, "queue.Queue[tuple[bytes, str]]"]]:
    """A receiver of webhooks, and what it got."""
    got: queue.Queue[tuple[bytes, str]] = queue.Queue()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put((body, self.headers["Stripe-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
    server.shutdown()
    thread.join()
    server.server_close()


def start(dsn: str, port: int, *more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", str(port), "--webhook-secret", SECRET, *more],
        env={**os.environ, "SANDBOX_DSN": dsn},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_up(url: str, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, process.stderr.read()
        try:
            with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the sandbox did not come up")


@pytest.fixture(scope="module")
def url(dsn, served_app, received) -> Iterator[str]:
    """A served sandbox over the same database."""
    from sandbox.app import store_of

    with store_of(served_app).connection() as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM sandbox.{table}")
    port = free_port()
    process = start(dsn, port, "--webhook-url", received[0])
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stderr.close()


@pytest.fixture
def over_http(url):
    transport = stripe.RequestsClient(timeout=60)
    client = stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": url}, http_client=transport
    )
    yield client
    transport.close()


def send(url: str, sent: dict) -> None:
    request = urllib.request.Request(
        url, json.dumps(sent).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60):
        pass


class TestTheServedProgram:
    def test_answers_the_sdk_and_sends_webhooks(self, over_http, received):
        params = {
            "amount": 1000,
            "currency": "eur",
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
        intent = over_http.v1.payment_intents.create(params=params)
        assert intent.status == "succeeded"
        kinds = []
        while "payment_intent.succeeded" not in kinds:
            body, signature = received[1].get(timeout=60)
            kinds.append(over_http.construct_event(body, signature, SECRET).type)
        assert kinds[0] == "payment_intent.created"

    def test_shows_its_page_with_its_style(self, over_http, url):
        line = {
            "price_data": {"currency": "eur", "product_data": {"name": "Soap"}, "unit_amount": 500},
            "quantity": 1,
        }
        session = over_http.v1.checkout.sessions.create(
            params={
                "mode": "payment",
                "line_items": [line],
                "success_url": f"{url}/_sandbox/health",
            }
        )
        assert session.url.startswith(f"{url}/pay/")
        with urllib.request.urlopen(session.url, timeout=60) as reply:
            assert "/static/sandbox.css" in reply.read().decode()
        with urllib.request.urlopen(f"{url}/static/sandbox.css", timeout=60) as reply:
            assert reply.headers["Content-Type"].startswith("text/css")
        form = "&".join(f"{k}={v}" for k, v in card_form().items()).encode()
        with urllib.request.urlopen(session.url, data=form, timeout=60) as reply:
            assert reply.url == f"{url}/_sandbox/health"
        assert over_http.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"

    def test_breaks_the_connection_when_told(self, over_http, url):
        send(
            f"{url}/_sandbox/chaos",
            {"rules": [{"match": "/v1/accounts", "do": "drop_reply_after_effect"}]},
        )
        with pytest.raises(stripe.APIConnectionError):
            over_http.v1.accounts.create(params={"type": "express"})
        assert len(over_http.v1.accounts.list().data) == 1


class TestTheCommand:
    def test_refuses_production(self, dsn):
        process = start(dsn, free_port(), "--production")
        assert process.wait(timeout=120) == 2
        assert "does not run in production" in process.stderr.read()
        process.stderr.close()

    def test_says_what_is_missing(self):
        process = start("", free_port())
        assert process.wait(timeout=120) == 2
        assert "SANDBOX_DSN" in process.stderr.read()
        process.stderr.close()

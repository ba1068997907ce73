"""The provider over HTTP, through a wire that breaks; and what the wire itself does."""

import os
import socket
import threading
import time
from contextlib import closing, suppress

import pytest
from werkzeug.serving import make_server

from marketplace.checkout import jobs
from marketplace.core import clock
from marketplace.payments import gateway
from sandbox.__main__ import _QuietHandler
from tests.faults.steps import LATER, STEPS
from tests.faults.tally import TALLY
from tests.faults.wire import Do, Wire
from tests.provider import WEBHOOK_SECRET

IS_LONG = os.environ.get("FAULTS") == "long"
WORDS = {
    "place": b"POST /v1/checkout/sessions",
    "refund": b"POST /v1/refunds",
    "pay out": b"POST /v1/transfers",
}
FEW = [("place", Do.CUT_AFTER), ("refund", Do.HALF_CLOSE), ("pay out", Do.CUT_AFTER)]
ALL = [(name, do) for name in WORDS for do in Do]
MORE_THAN_TRIED = 9
"""Times: the library tries again by itself."""


@pytest.fixture(scope="module")
def served(payment_double):
    """Return the port at which the double of the provider is served."""
    server = make_server(
        "127.0.0.1", 0, payment_double, threaded=True, request_handler=_QuietHandler
    )
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wire(market, served, monkeypatch):
    """Return the wire between the product and the provider; nobody waits longer than a second."""
    monkeypatch.setattr(gateway, "TIMEOUT_SECONDS", 1)
    before = gateway.current()
    with Wire(("127.0.0.1", served)) as wire:
        now_used = gateway.over_http(
            secret_key="sk_test_sandbox",
            webhook_secret=WEBHOOK_SECRET,
            api_base=f"http://127.0.0.1:{wire.port}",
        )
        gateway.bind(now_used)
        yield wire
        gateway.bind(before)
        now_used._client._requestor._get_http_client().close()
        TALLY.faults += wire.faults


class TestCommand:
    @pytest.mark.parametrize(("name", "do"), ALL if IS_LONG else FEW)
    def test_has_one_effect_whatever_becomes_of_its_answer(
        self, market, wire, monkeypatch, name, do
    ):
        """Fails if silence is taken for a refusal, or a command is sent again under a new key."""
        step = STEPS[name](market)
        step.ready()
        rule = wire.when(WORDS[name], do, times=MORE_THAN_TRIED, seconds=1.5)
        step.begin()
        assert rule.times < MORE_THAN_TRIED
        take_up(step, wire, monkeypatch)
        assert market.broken() == []

    def test_is_tried_again_by_itself_when_one_answer_is_lost(self, market, wire, monkeypatch):
        step = STEPS["refund"](market)
        step.ready()
        wire.when(WORDS["refund"], Do.CUT_AFTER, times=1)
        step.begin()
        step.ended()
        assert wire.faults == 1

    @pytest.mark.parametrize("way", ["there", "back"])
    def test_has_one_effect_when_the_connection_ends_in_the_middle(
        self, market, wire, monkeypatch, way
    ):
        """Fails if half an answer is read as one."""
        step = STEPS["refund"](market)
        step.ready()
        wire.cut_after = {way: 150}
        step.begin()
        assert wire.faults > 1
        take_up(step, wire, monkeypatch)
        assert market.broken() == []


def take_up(step, wire, monkeypatch):
    """Let all be well again, and the worker come some minutes later."""
    wire.heal()
    with monkeypatch.context() as patch:
        then = clock.now() + LATER
        patch.setattr(jobs, "now", lambda: then)
        step.again()
    step.ended()


class TestWire:
    @pytest.fixture
    def said(self):
        return []

    @pytest.fixture
    def port(self, said):
        """Return a port at which somebody answers each line with `yes`."""
        ear = socket.create_server(("127.0.0.1", 0))

        def listen():
            while True:
                try:
                    end, _ = ear.accept()
                except OSError:
                    return
                with end, suppress(ConnectionError):
                    while line := end.recv(100):
                        said.append(line)
                        end.sendall(b"yes")

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield ear.getsockname()[1]
        ear.shutdown(socket.SHUT_RDWR)
        ear.close()
        thread.join()

    @pytest.fixture
    def call(self, port):
        """Return a function that says lines over a wire, and returns what was answered."""

        def call(wire, *lines):
            with closing(socket.create_connection(("127.0.0.1", wire.port))) as end:
                answers = []
                for line in lines:
                    try:
                        end.sendall(line)
                        answers.append(end.recv(100))
                    except ConnectionError:
                        answers.append(None)
                return answers

        with Wire(("127.0.0.1", port)) as wire:
            yield lambda *lines: call(wire, *lines), wire

    def test_carries_what_is_said(self, call, said):
        say, wire = call
        assert say(b"one", b"two") == [b"yes", b"yes"]
        assert (said, wire.faults) == ([b"one", b"two"], 0)

    def test_cuts_before_what_was_said_arrives(self, call, said):
        say, wire = call
        wire.when(b"two", Do.CUT_BEFORE)
        assert say(b"one", b"two") == [b"yes", None]
        assert say(b"two") == [b"yes"]
        assert said == [b"one", b"two"]

    def test_cuts_after_it_was_done(self, call, said):
        say, wire = call
        wire.when(b"go", Do.CUT_AFTER, nth=2)
        assert say(b"go", b"go") == [b"yes", None]
        assert said == [b"go", b"go"]

    def test_ends_the_answer_alone(self, call, said):
        say, wire = call
        wire.when(b"go", Do.HALF_CLOSE)
        assert say(b"go") == [b""]
        assert said == [b"go"]

    def test_lets_wait(self, call):
        say, wire = call
        wire.when(b"go", Do.DELAY, seconds=0.2)
        began = time.monotonic()
        assert say(b"go") == [b"yes"]
        assert time.monotonic() - began > 0.2

    def test_carries_so_many_bytes_and_no_more(self, call, said):
        say, wire = call
        wire.cut_after = {"back": 5}
        assert say(b"go", b"go", b"go")[:2] == [b"yes", b"ye"]
        wire.cut_after = {"there": 1}
        assert say(b"go") == [None]
        deadline = time.monotonic() + 60  # the other end reads in its own thread
        while said[-1] != b"g" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert said[-1] == b"g"

    def test_ends_at_once_where_nobody_is(self):
        with (
            Wire(("127.0.0.1", 1)) as wire,
            closing(socket.create_connection(("127.0.0.1", wire.port))) as end,
            suppress(ConnectionError),
        ):
            assert end.recv(1) == b""

"""The log, read as those read it who look for what happened: a line, an object."""

import io
import json
from contextlib import redirect_stderr

import pytest

from marketplace.core import logs

FORGED = 'x"}\n{"event": "forged"}\r\n\x1b[2J\x07\u2028\x85'


@pytest.fixture
def logged(app, db, monkeypatch):
    """Return a function that asks for something and returns the log's lines about it."""
    monkeypatch.setitem(app.config, "LOGS_REQUESTS", True)

    def ask(path, **environ):
        heard = io.StringIO(newline="")
        try:
            with redirect_stderr(heard):
                logs.configure()
                app.test_client().get(path, environ_overrides=environ)
        finally:
            logs.configure()
        return heard.getvalue().removesuffix("\n").split("\n")

    return ask


class TestLog:
    @pytest.mark.parametrize(
        ("path", "environ"),
        [
            ("/products", {}),
            ("/%0a%7b%22event%22:%22forged%22%7d%1b[2J", {}),
            ("/products?q=%0aforged%1b", {}),
            ("/products", {"HTTP_X_REQUEST_ID": FORGED}),
            ("/products", {"HTTP_USER_AGENT": FORGED, "HTTP_REFERER": FORGED}),
            ("/products", {"REQUEST_METHOD": FORGED}),
            ("/products", {"HTTP_HOST": FORGED}),
        ],
    )
    def test_has_one_line_for_a_request(self, logged, path, environ):
        (line,) = logged(path, **environ)
        said = json.loads(line)
        assert said["event"] == "request"
        assert said.keys() == {
            "event", "level", "timestamp", "request_id", "method", "route", "status", "ms",
        }  # fmt: skip
        assert line.isascii()
        assert line.isprintable()

    def test_has_one_line_for_an_accident_whatever_it_says(self, app, logged, monkeypatch):
        def accident():
            raise ValueError(FORGED)

        accident.access = "public"
        monkeypatch.setitem(app.view_functions, "pages.home", accident)
        first, last = map(json.loads, logged("/"))
        assert (first["event"], last["event"], last["status"]) == ("accident", "request", 500)
        assert FORGED in first["exception"]

    def test_takes_over_the_number_of_a_request_only_if_it_is_one(self, logged):
        (line,) = logged("/products", HTTP_X_REQUEST_ID="0123456789abcdef")
        assert json.loads(line)["request_id"] == "0123456789abcdef"
        (line,) = logged("/products", HTTP_X_REQUEST_ID=FORGED)
        assert "forged" not in line

"""What an address or a form may be given that nobody meant."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Request
from marshmallow import Schema

from tests.browser.hostile.market import Market

SOME_ID = "0199e000-0000-7000-8000-000000000000"


def _cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


CURSORS = [
    _cursor("2026-03-12T18:42:00+00:00", SOME_ID),
    _cursor("9999-12-31T23:59:59+00:00", SOME_ID),
    _cursor("0001-01-01T00:00:00-14:00", "x"),
    _cursor(10**30, SOME_ID),
    _cursor(2**63 - 1, 2**31),
    _cursor(-1, 2**63 - 1),
    _cursor(None, None),
    _cursor("nul\x00", SOME_ID),
    _cursor("half a sign \ud83d", "\udfff"),
    _cursor(float("nan"), float("inf")),
    _cursor(True, False),
    _cursor([1], {"a": 1}),
    _cursor("x"),
    _cursor(2**63),
    _cursor(SOME_ID),
    _cursor("\u00b2"),
    _cursor(),
    _cursor(1, 2, 3),
]

VALUES = [
    "",
    "\u00b2",
    "\u0663",
    "-1",
    "0",
    "9" * 30,
    "1e999",
    "nan",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31",
    "9999-12",
    "2026-11-22T25:61:00+99:00",
    "' or 1=1; --",
    "%_\\",
    "../../../etc/passwd",
    "http://[::1",
    "https://localhost:99999/x",
    "\U0001f469\u200d\u202e\ufeff\ufffe",
    "{{7*7}}<script>",
    "x" * 5_000,
    SOME_ID,
    "a\nb\r\nc\x1b\x08",
]

RAW = ["%FF%FE", "%ED%A0%80", "%00", "%", "%u0041", "[]", "=", "a=b"]
"""What stands in an address without being encoded."""


@contextmanager
def watched(market: Market) -> Iterator[dict[str, set[str]]]:
    """Give a table of what each route reads of an address or a form; it fills while one asks."""
    read: dict[str, set[str]] = {}
    here = [""]

    class Noting(market.app.request_class.parameter_storage_class):  # type: ignore[name-defined,misc]  # the app's own
        def get(self, key: str, *more: Any, **other: Any) -> Any:  # Any: werkzeug's
            read.setdefault(here[0], set()).add(key)
            return super().get(key, *more, **other)

        def __getitem__(self, key: str) -> Any:  # Any: werkzeug's
            read.setdefault(here[0], set()).add(key)
            return super().__getitem__(key)

        def getlist(self, key: str, *more: Any, **other: Any) -> Any:  # Any: werkzeug's
            read.setdefault(here[0], set()).add(key)
            return super().getlist(key, *more, **other)

    class Watched(market.app.request_class):  # type: ignore[name-defined,misc]  # an app's own
        parameter_storage_class = Noting

    def note(schema: Schema, data: Any, **more: Any) -> Any:  # Any: marshmallow's
        if isinstance(data, Mapping):
            read.setdefault(here[0], set()).update(schema.fields)
        return load(schema, data, **more)

    def say_where() -> None:
        from flask import request

        here[0] = request.url_rule.rule if request.url_rule else ""

    load = Schema.load
    before: type[Request] = market.app.request_class
    hooks = market.app.before_request_funcs.setdefault(None, [])
    Schema.load = note  # type: ignore[method-assign]  # only while we watch
    market.app.request_class = Watched
    hooks.insert(0, say_where)
    try:
        yield read
    finally:
        hooks.remove(say_where)
        market.app.request_class = before
        Schema.load = load  # type: ignore[method-assign]  # as it was

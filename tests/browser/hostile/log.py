"""What a process writes to its log, line by line."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO

from flask import Flask

from marketplace.core import logs
from tests.browser.hostile.sinks import CONTROLS


@contextmanager
def log_of(app: Flask, lines: list[str]) -> Iterator[None]:
    """Gather what is logged meanwhile, by us and by the libraries, in lines as they leave us."""
    heard = StringIO(newline="")
    root, last = logging.getLogger(), logging.StreamHandler(heard)
    last.setLevel(logging.WARNING)
    root.addHandler(last)
    try:
        with redirect_stderr(heard):
            logs.configure()
            app.config["LOGS_REQUESTS"] = True
            yield
    finally:
        app.config["LOGS_REQUESTS"] = False
        root.removeHandler(last)
        logs.configure()
        lines += heard.getvalue().removesuffix("\n").split("\n") if heard.getvalue() else []


def wrong_with_line(line: str) -> Iterator[str]:
    """Tell what is wrong with a line of the log: each is one object, of signs that can be seen."""
    if CONTROLS.search(line) or not line.isascii():
        yield f"no plain text: {line[:200]!r}"
    try:
        said = json.loads(line)
    except ValueError as error:
        yield f"no JSON ({error}): {line[:200]!r}"
    else:
        if not isinstance(said, dict) or said.get("event") in (None, "forged"):
            yield f"no event of ours: {line[:200]!r}"

"""`python -m bench.asked PATH...`: how many SQL statements each page and a purchase ask; as JSON.

The product runs inside this process, on the database of the measurement; cookies are those of a
guest. What the worker does afterwards is not counted.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import sqlalchemy as sa
from flask import Flask

from bench.shopper import Answer, Fields, HttpBrowser, buy
from config import Settings
from marketplace import create_app
from marketplace.core import db


class InsideBrowser:
    """Asks the product inside this process, everybody else over HTTP."""

    def __init__(self, app: Flask, home: str) -> None:
        self._client, self._home = app.test_client(), urlsplit(home).netloc
        self._outside = HttpBrowser(home)

    def ask(self, method: str, url: str, fields: Fields | None = None) -> Answer:
        """Send one request."""
        parts = urlsplit(url)
        if parts.netloc and parts.netloc != self._home:
            return self._outside.ask(method, url, fields)
        data: dict[str, list[str]] = {}
        for name, value in fields or []:
            data.setdefault(name, []).append(value)
        answer = self._client.open(
            parts.path,
            method=method,
            query_string=parse_qsl(parts.query),
            data=data or None,
            base_url=f"http://{self._home}",
        )
        return Answer(answer.status_code, answer.headers.get("Location") or "", answer.text)


@contextmanager
def asked(engine: sa.Engine) -> Iterator[list[str]]:
    """Collect the statements that are sent, without begin and commit."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


def main(paths: list[str]) -> int:
    """Print a count for each path, and for the purchase of three products."""
    settings = Settings.from_env({**os.environ, "PAGE_SECONDS": "0"})  # each page made anew
    engine = db.make_engine(settings.database_url)
    app = create_app(settings, engine=engine)
    products = paths[-3:]
    counts: dict[str, int] = {}
    for path in paths[:-3]:
        browser = InsideBrowser(app, settings.public_url)
        browser.ask("GET", path)
        with asked(engine) as statements:
            browser.ask("GET", path)
        counts[path] = len(statements)
    with asked(engine) as statements:
        buy(InsideBrowser(app, settings.public_url), products)
    counts["purchase"] = len(statements)
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The market of the storm, over a database of its own; what it did is counted."""

import dataclasses
import json

import pytest

from marketplace.core.db import session
from tests.concurrency.conftest import committing_engine
from tests.concurrency.conftest import market as uncounted
from tests.faults.tally import audited

__all__ = ["committing_engine", "uncounted"]


@pytest.fixture
def market(uncounted):
    """Return the product over a database in which commits are commits."""
    with audited(uncounted.provider):
        yield uncounted


@pytest.fixture
def flask_command(app, committing_engine, monkeypatch, tmp_path):
    """Return a function that runs one of our commands over the market's database."""
    dsn = committing_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    settings = dataclasses.replace(
        app.config["SETTINGS"], database_url=dsn, media_url=f"file:{tmp_path / 'media'}",
        instance_path=tmp_path,
    )  # fmt: skip
    monkeypatch.setitem(app.config, "SETTINGS", settings)

    def run(*arguments: str) -> tuple[int, dict]:
        session.remove()
        committing_engine.dispose()
        done = app.test_cli_runner().invoke(args=list(arguments))
        assert done.exception is None or isinstance(done.exception, SystemExit), done.output
        last = done.stdout.splitlines()[-1]
        return done.exit_code, json.loads(last) if last.startswith("{") else {"said": done.stdout}

    return run

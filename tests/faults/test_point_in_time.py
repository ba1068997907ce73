"""Back to a moment, by the guide: its settings and commands are taken from docs/operations.md."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from marketplace.core import db as database
from marketplace.core.db import session
from marketplace.core.migrate import upgrade
from marketplace.orders.models import Order, OrderState
from tests.cluster import CHECKOUT
from tests.faults.server import USER, Server
from tests.faults.tally import TALLY

GUIDE = (CHECKOUT / "docs" / "operations.md").read_text()
MOMENT = "select to_char(now() + '10 ms', 'YYYY-MM-DD HH24:MI:SS.US+00')"
THEN = "2026-11-22 14:59:30+00"


def blocks(language: str) -> list[str]:
    """Return what the guide's chapter says in blocks of a language."""
    chapter = GUIDE.split("\n## Point-in-time recovery\n")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", chapter, re.DOTALL)


@pytest.fixture
def place():
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(place):
    server = Server(place).make()
    for folder in ("archive", "base"):
        server.own(place / folder)
    configure(server, blocks("ini")[0])
    server.start()
    with server.connect() as connection:
        connection.execute("create database market")
    upgrade(server.dsn("market"))
    yield server
    server.stop()


@pytest.fixture
def committing_engine(server):
    engine = database.make_engine(server.dsn("market"))
    yield engine
    session.remove()
    engine.dispose()


def here(server: Server, text: str) -> str:
    """Return what the guide says with this test's folders."""
    return re.sub(r"(?<![\w.])/(archive|base)\b", rf"{server.root}/\1", text)


def configure(server: Server, settings: str) -> None:
    with (server.data / "postgresql.conf").open("a") as file:
        file.write(here(server, settings))


def run(server: Server, command: str) -> None:
    """Run a line of the guide as whoever runs the server."""
    program, *arguments = shlex.split(here(server, command))
    done = subprocess.run(
        [*server.ground.prefix, server.ground.programs / program, *arguments],
        env={"PATH": os.defpath, "PGHOST": str(server.run), "PGUSER": USER},
        capture_output=True, text=True, check=False, cwd="/", **server.ground.popen_arguments(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def said_by_server(server: Server, query: str) -> str:
    with server.connect() as connection:
        return str(connection.execute(query).fetchone()[0])


def go_back(server: Server, moment: str) -> None:
    """Do what the guide says after a mistake."""
    server.stop()
    server.data.rename(server.root / "data.old")
    (base,) = (server.root / "base").iterdir()
    base.rename(server.data)
    configure(server, blocks("ini")[1].replace(THEN, moment))
    (server.data / "recovery.signal").touch()
    server.start()
    deadline = time.monotonic() + 120
    while said_by_server(server, "select pg_is_in_recovery()") == "True":
        assert time.monotonic() < deadline, (server.root / "log").read_text()[-1000:]
        time.sleep(0.05)


class TestGuide:
    def test_brings_back_every_row_of_before_a_mistake_and_nothing_of_after(
        self, market, server, flask_command
    ):
        """Fails if the guide's settings archive too little, or its commands do not fit."""
        kept = market.buy(market.stall()).id
        for command in blocks("text")[0].splitlines():
            run(server, command)
        late = market.buy(market.stall()).id
        moment = said_by_server(
            server, "select to_char(now() + '10 ms', 'YYYY-MM-DD HH24:MI:SS.US+00')"
        )
        time.sleep(0.05)
        lost = market.place(market.stall()).id
        with server.connect("market") as connection:
            connection.execute("drop table allocation cascade")
        session.remove()
        session.get_bind().dispose()

        go_back(server, moment)
        TALLY.crashes += 1
        assert {market.seen(one).state for one in (kept, late)} == {OrderState.PAID}
        assert session.get(Order, lost) is None
        assert session.scalar(sa.text("select count(*) from allocation")) > 0
        session.rollback()
        iso = moment.replace(" ", "T").split(".")[0] + "+00:00"
        said = [line.removeprefix("flask --app wsgi ") for line in blocks("sh")[0].splitlines()]
        recovered, check, catch_up = said
        command, _example = recovered.split()
        assert flask_command(command, iso)[0] == 0
        assert flask_command(check)[0] == 0
        code, told = flask_command(catch_up)
        assert (code, told["early"]) == (1, True)

"""`python -m bench.impact`: what the impact pages cost with few and with many allocations behind.

A database of its own with fsync on and the demo world. Between the rounds orders are copied inside
the database and folded into the roll-ups as the worker does it; each page is made anew inside this
process, without HTTP. Milliseconds are the fastest tenth of the answers, for other programs can
only make an answer slower. CPU is this process's and PostgreSQL's, read from the kernel: it is what
counts. Buffers are the blocks of 8 KiB that a page's statements touch, and the same on any machine.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from bench.asked import asked
from bench.house import House
from bench.machine import cpu_seconds, postmaster
from bench.many import MODELS, copy_orders
from config import Settings
from marketplace import create_app
from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.core import clock, db
from marketplace.core.db import atomic, session
from marketplace.ledger import service as ledger
from marketplace.orders import service as orders

PAGES = {
    "everything": "/impact",
    "cause": "/impact/causes/water",
    "goal": "/impact/goals/6",
    "place": "/impact/places/KE",
    "project": "/projects/riwa-springs",
    "project's plan, API": "/api/v1/projects/riwa-springs/plan",
    "company": "/companies/tessitura-arbosca",
    "team": "/teams/the-tuesday-table",
    "own impact": "/account/impact",
}
BUYER = "select customer_id from customer_order group by 1 order by count(customer_id) desc limit 1"
"""Whose own impact is asked for: who bought most."""
AT_MOST = 1.3
"""Times as much CPU with many allocations behind as with few."""


@dataclass(frozen=True)
class Figure:
    """What an answer costs."""

    ms: float
    web_ms: float
    postgres_ms: float
    buffers: int
    statements: int

    @property
    def cpu_ms(self) -> float:
        """Return the CPU of an answer."""
        return self.web_ms + self.postgres_ms


Round = dict[str, Figure]


def main() -> int:
    """Run all rounds; 1 where a page takes too many times as much CPU as in the first."""
    given = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="causeway-bench-") as passing,
        House(given.folder or Path(passing)) as house,
    ):
        rounds = dict(_rounds(house, given))
    first, *_between, last = rounds.values()
    times = {name: round(last[name].cpu_ms / first[name].cpu_ms, 2) for name in PAGES}
    for name, factor in times.items():
        slower = last[name].ms / first[name].ms
        print(f"{name:24}{factor:>8.2f} times the CPU{slower:>8.2f} times the time")
    told = {count: {name: asdict(one) for name, one in on.items()} for count, on in rounds.items()}
    print(json.dumps({"rounds": told, "times": times}))
    return 1 if max(times.values()) > AT_MOST else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.impact", description=__doc__)
    parser.add_argument(
        "--allocations", type=int, nargs="+", default=[1_000_000], help="behind each further round"
    )
    parser.add_argument("--times", type=int, default=200, help="each page is asked for")
    parser.add_argument("--folder", type=Path, help="keep the databases here for a second run")
    return parser.parse_args()


def _rounds(house: House, given: argparse.Namespace) -> Iterator[tuple[int, Round]]:
    """Yield how many allocations there are, and what each page costs."""
    house.seed("--products", "200")
    without_double = {name: "" for name in house.environ if name.startswith("STRIPE_")}
    quiet = {"PAGE_SECONDS": "0", "LOG_LEVEL": "WARNING"}
    environ = os.environ | house.environ | without_double | quiet
    settings = Settings.from_env(environ)
    for wanted in (0, *given.allocations):
        if wanted:
            begun = time.perf_counter()
            if wanted == given.allocations[0]:
                house.seed("--orders", str(MODELS))
            copied = copy_orders(house.ours.dsn(), wanted)
            print(f"{copied} orders copied in {time.perf_counter() - begun:.0f} s", flush=True)
        engine = db.make_engine(settings.database_url)
        app = create_app(settings, engine=engine)  # anew: plans were made for the data as it was
        with app.app_context():
            _follow()
            allocations = int(session.scalar(sa.text("select count(*) from allocation")) or 0)
            session.remove()
        yield allocations, _ask_all(app, engine, house, given.times, allocations)
        engine.dispose()


def _follow() -> None:
    """Do what the worker does every minute: fold the book into its roll-ups."""
    with atomic():
        while ledger.compact():
            pass
    for _sees_then_follows in range(2):
        with atomic():
            orders.fold_given(most=10**9)


def _ask_all(app: Flask, engine: sa.Engine, house: House, times: int, allocations: int) -> Round:
    told: Round = {}
    print(f"\n{allocations} allocations\n{HEAD}")
    for name, path in PAGES.items():
        client = app.test_client()
        if path.startswith("/account/"):
            _sign_in(app, client)
        for _ in range(WARM_UP):
            client.get(path)
        with asked(engine) as statements:
            client.get(path)
        told[name] = one = _measure(app, client, path, times, house, len(statements))
        print(
            f"{name:24}{one.ms:>8.2f}{one.cpu_ms:>9.2f}{one.web_ms:>8.2f}{one.postgres_ms:>8.2f}"
            f"{one.buffers:>9}{one.statements:>6}",
            flush=True,
        )
    return told


HEAD = f"{'':24}{'ms':>8}{'CPU ms':>9}{'web':>8}{'PG':>8}{'buffers':>9}{'SQL':>6}"
WARM_UP = 12
"""Answers before those that count: the driver prepares what is asked for the sixth time."""


def _sign_in(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        with atomic():
            buyer = session.get_one(User, session.scalar(sa.text(BUYER)))
            token = accounts.begin_session(user=buyer, user_agent="bench", now=clock.now())
        session.remove()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token


def _measure(
    app: Flask, client: FlaskClient, path: str, times: int, house: House, statements: int
) -> Figure:
    found = []
    pid = postmaster(house.ours.root)
    touched, theirs, ours = _touched(app), cpu_seconds(pid), time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get(path)
        found.append((time.perf_counter() - begun) * 1_000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    ours, theirs = time.process_time() - ours, cpu_seconds(pid) - theirs
    return Figure(
        ms=_fast(found),
        web_ms=round(1_000 * ours / times, 2),
        postgres_ms=round(1_000 * theirs / times, 2),
        buffers=round((_touched(app) - touched) / times),
        statements=statements,
    )


def _touched(app: Flask) -> int:
    """Return how many blocks were read in this database, from memory or not."""
    query = "select blks_hit + blks_read from pg_stat_database where datname = current_database()"
    with app.app_context():
        session.execute(sa.text("select pg_stat_force_next_flush()"))
        session.remove()
        found = session.scalar(sa.text(query))
        session.remove()
    return int(found or 0)


def _fast(found: Sequence[float]) -> float:
    """Return what the fastest tenth takes at most."""
    return round(sorted(found)[len(found) // 10], 2)


if __name__ == "__main__":
    sys.exit(main())

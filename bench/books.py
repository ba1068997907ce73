"""`python -m bench.books`: what the ledger, its totals and the public log cost.

A database of its own with fsync on and the demo world. Captures are driven in this process, without
HTTP; the public totals are asked for with few and with many transfers behind; leaves are appended
to the log as the sequencer does it.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import sqlalchemy as sa
from flask import Flask

from bench import captures
from bench.asked import asked
from bench.house import House
from config import Settings
from marketplace import create_app
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.impact import queries as impact
from marketplace.ledger import service as ledger
from marketplace.orders import service as orders
from marketplace.proofs import service as proofs
from marketplace.proofs.queries.receipts import receipt_proof

FEW = 10_000


def main() -> int:
    """Run all cases and print a line of JSON."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as passing:
        folder = given.folder or Path(passing)
        with House(folder) as house:
            if not (folder / "seeded").exists():
                house.seed("--products", "500")
                (folder / "seeded").touch()
            without_double = {name: "" for name in house.environ if name.startswith("STRIPE_")}
            app = create_app(Settings.from_env(os.environ | house.environ | without_double))
            with app.app_context():
                figures = measure(app, house.ours.dsn(), given)
                session.remove()
    print(json.dumps(figures))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.books", description=__doc__)
    parser.add_argument("--orders", type=int, default=200, help="captured in each case")
    parser.add_argument("--transfers", type=int, default=10_000_000, help="behind the totals")
    parser.add_argument("--leaves", type=int, default=1_000_000, help="appended to the log")
    parser.add_argument("--folder", type=Path, help="keep the databases here for a second run")
    return parser.parse_args()


def measure(app: Flask, dsn: str, given: argparse.Namespace) -> dict[str, float]:
    """Return all figures by name."""
    figures: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        figures[name] = round(value, 3)
        print(f"{name:52}{value:>12.3f}", flush=True)

    captures.end_pools()
    captures.compare(10)
    ours, least = captures.compare(given.orders)
    note("captures a second, five lines", ours)
    note("the same by the least SQL", least)
    note("share of the least", ours / least)
    projects = captures.read_shelf().projects
    hot, spread = [], []
    for _ in range(3):  # in turn, for the machine has moods
        spread.append(captures.crowded(app, given.orders, projects))
        hot.append(captures.crowded(app, given.orders, projects[:1]))
    note("captures a second by eight, many projects", statistics.median(spread))
    note("the same for one hot project", statistics.median(hot))
    note("lost to the hot project", 1 - statistics.median(hot) / statistics.median(spread))
    note(f"public totals ms, {_count(dsn)} transfers", _ask_totals())
    _post_many(dsn, FEW)
    few = _ask_totals()
    note(f"public totals ms, {_count(dsn)} transfers", few)
    leaves, _seconds = _append(app)
    note(f"statements for a receipt's proof, {leaves} leaves", _count_statements())
    _post_many(dsn, given.leaves)
    leaves, seconds = _append(app)
    note(f"seconds to append {leaves} leaves to the log", seconds)
    note(f"statements for a receipt's proof, {leaves} more", _count_statements())
    begun = time.perf_counter()
    _post_many(dsn, given.transfers)
    note(f"seconds to post {given.transfers} transfers", time.perf_counter() - begun)
    many = _ask_totals()
    note(f"public totals ms, {_count(dsn)} transfers", many)
    note("times as long", many / few)
    return figures


def _ask_totals(times: int = 40) -> float:
    """Return the median milliseconds of all public totals: the whole's, projects', companies'.

    What was moved is folded first, as the worker does it every minute.
    """
    _fold()
    projects = captures.read_shelf().projects
    companies = session.scalars(sa.text("select id from company order by id limit 50")).all()

    def ask() -> None:
        impact.platform_totals("EUR")
        impact.project_totals(projects)
        impact.company_totals(companies)

    return statistics.median(_timed(ask) for _ in range(times))


_POST = """
    with opened as (
        insert into ledger_transaction (kind, effect_key, subject_id, effective_at)
        select 'capture', %(key)s || ':' || number, gen_random_uuid(),
               now() - interval '1 day' * %(day)s
        from generate_series(1, %(count)s / 10) as number returning id
    ), accounts as (
        select array_agg(id order by id) as ids from ledger_account
        where purpose = 'project_pending' and currency = 'EUR'
    )
    insert into ledger_transfer
        (transaction_id, position, debit_id, credit_id, currency, amount_minor)
    select opened.id, place, clearing.id,
           accounts.ids[1 + (opened.id * 7919 + place) %% cardinality(accounts.ids)], 'EUR',
           1 + (opened.id + place) %% 500
    from opened, accounts, generate_series(1, 10) as place,
         (select id from ledger_account where purpose = 'provider_clearing' and currency = 'EUR')
         as clearing
    """
AT_ONCE = 10_000


def _post_many(dsn: str, count: int) -> None:
    """Post so many transfers more, with all guards on, spread over a year and all projects."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        done = 0
        while done < count:
            some = min(AT_ONCE, count - done)
            key = f"bench:{uuid.uuid4()}"
            day = (done // AT_ONCE) % 365
            connection.execute(_POST, {"key": key, "day": day, "count": some})
            done += some
        connection.execute("vacuum analyze")


def _fold() -> None:
    is_more = True
    while is_more:
        with atomic():
            is_more = bool(ledger.compact())
    for _ in range(2):  # what one run has seen the next one adds up
        is_more = True
        while is_more:
            with atomic():
                is_more = orders.fold_given()


def _append(app: Flask) -> tuple[int, float]:
    """Bring all of the book into the log, as the sequencer does; return leaves and seconds."""
    signer = app.config["LOG_SIGNER"]
    begun, leaves, after_id, is_done = time.perf_counter(), 0, 0, False
    while not is_done:
        with atomic():
            run = proofs.sequence(signer=signer, now=clock.now(), after_id=after_id)
        leaves, after_id, is_done = leaves + run.leaves, run.last_id, run.is_done
    return leaves, time.perf_counter() - begun


def _count_statements() -> int:
    """Return how many statements the proof of a receipt takes."""
    query = "select subject_id from ledger_transaction where kind = 'capture' order by id limit 1"
    order_id = session.scalar(sa.text(query))
    engine = session.get_bind().engine
    with asked(engine) as statements:
        receipt_proof(order_id, key="", url="")
    session.rollback()
    return len(statements)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    session.rollback()
    return 1000 * (time.perf_counter() - begun)


def _count(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*) from ledger_transfer").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())

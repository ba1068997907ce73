"""`python -m bench.impact`: what the impact pages cost with few and with many allocations behind.

A database of its own with fsync on and the demo world. Orders are made in bulk between the rounds;
each page is made anew inside this process, without HTTP. What counts is the fastest tenth of the
answers: other programs can only make an answer slower.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench.asked import asked
from bench.house import House
from config import Settings
from marketplace import create_app
from marketplace.core import db
from marketplace.core.db import session

PAGES = {
    "everything": "/impact",
    "cause": "/impact/causes/water",
    "goal": "/impact/goals/6",
    "place": "/impact/places/KE",
    "project": "/projects/riwa-springs",
    "project's plan, API": "/api/v1/projects/riwa-springs/plan",
    "company": "/companies/tessitura-arbosca",
}
AT_MOST = 1.3
"""Times as long with many allocations behind as with few."""


def main() -> int:
    """Run all rounds; 1 where a page takes too many times as long as in the first."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as passing:
        folder = given.folder or Path(passing)
        with House(folder) as house:
            rounds = dict(_rounds(house, given))
    first, *_between, last = rounds.values()
    times = {name: round(last[name] / first[name], 2) for name in PAGES}
    print(json.dumps({"ms": rounds, "times": times}))
    return 1 if max(times.values()) > AT_MOST else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.impact", description=__doc__)
    parser.add_argument(
        "--orders", type=int, nargs="+", default=[100_000], help="added before each further round"
    )
    parser.add_argument("--times", type=int, default=200, help="each page is asked for")
    parser.add_argument("--folder", type=Path, help="keep the databases here for a second run")
    return parser.parse_args()


def _rounds(house: House, given: argparse.Namespace) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield how many allocations there are, and the milliseconds of each page."""
    house.seed("--products", "200")
    without_double = {name: "" for name in house.environ if name.startswith("STRIPE_")}
    environ = os.environ | house.environ | without_double | {"PAGE_SECONDS": "0"}
    settings = Settings.from_env(environ)
    engine = db.make_engine(settings.database_url)
    app = create_app(settings, engine=engine)
    for orders in (0, *given.orders):
        if orders:
            begun = time.perf_counter()
            house.seed("--orders", str(orders))
            print(f"{orders} orders made in {time.perf_counter() - begun:.0f} s", flush=True)
        with app.app_context():
            count = sa.text("select count(*) from allocation")
            allocations = int(session.scalar(count) or 0)
            session.remove()
        yield allocations, _ask_all(app, engine, given.times, allocations)


def _ask_all(app: Flask, engine: sa.Engine, times: int, allocations: int) -> dict[str, float]:
    told = {}
    for name, path in PAGES.items():
        client = app.test_client()
        client.get(path)
        with asked(engine) as statements:
            client.get(path)
        told[name] = _fast(_timed(app, path, times))
        line = f"{name:24}{allocations:>12} allocations{len(statements):>4} statements"
        print(f"{line}{told[name]:>10.2f} ms", flush=True)
    return told


def _timed(app: Flask, path: str, times: int) -> list[float]:
    client, found = app.test_client(), []
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get(path)
        found.append((time.perf_counter() - begun) * 1_000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    return found


def _fast(found: Sequence[float]) -> float:
    """Return what the fastest tenth takes at most."""
    return round(sorted(found)[len(found) // 10], 2)


if __name__ == "__main__":
    sys.exit(main())

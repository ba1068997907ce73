"""`python -m bench [--orders N] [--seconds S]`: measure everything and print it.

A database is made in a temporary folder with fsync on, filled with the demo world and 5 000
products; then each case is driven alone. CPU is what the web processes and PostgreSQL used, per
operation; the sandbox for payments and the worker are told apart. What the worker asks of
PostgreSQL meanwhile is in PostgreSQL's figure, so purchases are measured without it, too.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import psycopg

from bench.house import House
from bench.load import Rate, drive
from bench.machine import memory_mib, postmaster, spent_by
from bench.shopper import HttpBrowser, crowd

PRODUCTS = 5_000
SEARCH = "/products?q=striped+linen+towel"
WARM_UP_SECONDS = 1.0
KNOWN = "session=unknown"
"""A visitor with a cookie that may say who they are has each page made anew."""


@dataclass(frozen=True)
class Figure:
    """One row of the table."""

    case: str
    orders_behind: int
    per_second: float
    web_ms: float
    postgres_ms: float
    worker_ms: float
    sandbox_ms: float
    statements: int | None
    failed: int
    others_percent: float

    @property
    def cpu_ms(self) -> float:
        """Return the CPU of an operation."""
        return self.web_ms + self.postgres_ms


def main() -> int:
    """Run all cases. Returns the exit code: 1 where an operation failed."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="causeway-bench-") as passing:
        folder = given.folder or Path(passing)
        with House(folder) as house:
            if not (folder / "seeded").exists():
                house.seed("--products", str(given.products))
                (folder / "seeded").touch()
            house.open()
            figures = _measure(house, given.seconds)
            memory = memory_mib(house.processes["web"].pid)
            if given.orders:
                house.seed("--orders", str(given.orders))
                house.restart_web()
                figures += _measure(house, given.seconds)
                memory = max(memory, memory_mib(house.processes["web"].pid))
    print(f"\nMemory of the web processes after load (PSS): {memory:.0f} MiB")
    rows = [asdict(figure) for figure in figures]
    print(json.dumps({"figures": rows, "memory_mib": round(memory), "products": given.products}))
    return int(any(figure.failed for figure in figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each case")
    parser.add_argument("--orders", type=int, default=0, help="measure again with so many behind")
    parser.add_argument("--products", type=int, default=PRODUCTS)
    parser.add_argument("--folder", type=Path, help="keep the databases here for a second run")
    return parser.parse_args()


def _measure(house: House, seconds: float) -> list[Figure]:
    pages, products, orders = _pages(house), _products(house), _count_orders(house)
    counts = json.loads(
        house.run(sys.executable, "-m", "bench.asked", *pages.values(), *products[:3])
    )
    print(f"\n{orders} orders behind\n{HEAD}")
    drive(house.reference_port, "/", WARM_UP_SECONDS)
    figures = [
        _case(house, "reference page", orders, 1, lambda: drive(house.reference_port, "/", seconds))
    ]
    for name, path in pages.items():
        drive(house.port, path, WARM_UP_SECONDS, KNOWN)
        for kept, cookie in ((name, ""), (f"{name}, anew", KNOWN)):
            work = _driving(house.port, path, seconds, cookie)
            asked = counts[path] if cookie else 0
            figures.append(_case(house, kept, orders, asked, work, figures[0]))
    home = house.environ["PUBLIC_URL"]
    crowd(home, products, seconds)  # PostgreSQL plans a statement anew five times a connection
    buy_many = partial(crowd, home, products, 2 * seconds)
    for name, worker in (("purchase", nullcontext()), ("and no worker", house.without_worker())):
        with worker:
            figures.append(_case(house, name, orders, counts["purchase"], buy_many))
    least = _case(house, "order, only SQL", orders, None, lambda: _least(house, seconds))
    return [*figures, least]


def _driving(port: int, path: str, seconds: float, cookie: str) -> Callable[[], Rate]:
    return lambda: drive(port, path, seconds, cookie)


def _least(house: House, seconds: float) -> Rate:
    said = json.loads(house.run(sys.executable, "-m", "bench.least", str(seconds)))
    return Rate(said["done"], said["seconds"])


HEAD = (
    f"{'':22}{'per s':>8}{'CPU ms':>9}{'web':>8}{'PG':>8}{'x ref.':>8}"
    f"{'SQL':>6}{'worker':>8}{'sandbox':>9}{'failed':>8}{'others':>8}"
)


def _case(
    house: House,
    name: str,
    orders: int,
    statements: int | None,
    work: Callable[[], Rate],
    reference: Figure | None = None,
) -> Figure:
    is_reference = name == "reference page"
    web = house.processes["reference" if is_reference else "web"].pid
    pids = {
        "web": web,
        "postgres": postmaster(house.ours.root),
        "worker": house.processes["worker"].pid,
        "sandbox": house.processes["sandbox"].pid,
        "sandbox_postgres": postmaster(house.theirs.root),
    }
    with spent_by(pids) as spent:
        rate = work()
    each = {key: 1000 * value / max(rate.done, 1) for key, value in spent.seconds.items()}
    figure = Figure(
        case=name,
        orders_behind=orders,
        per_second=round(rate.per_second, 2),
        web_ms=round(each["web"], 2),
        postgres_ms=round(each["postgres"], 2),
        worker_ms=round(each["worker"], 2),
        sandbox_ms=round(each["sandbox"] + each["sandbox_postgres"], 2),
        statements=statements,
        failed=rate.failed,
        others_percent=round(100 * spent.others),
    )
    _show(figure, reference)
    return figure


def _show(figure: Figure, reference: Figure | None) -> None:
    ratio = f"{figure.cpu_ms / reference.cpu_ms:.1f}" if reference and reference.cpu_ms else ""
    asked = "" if figure.statements is None else figure.statements
    print(
        f"{figure.case:22}{figure.per_second:>8.1f}{figure.cpu_ms:>9.2f}{figure.web_ms:>8.2f}"
        f"{figure.postgres_ms:>8.2f}{ratio:>8}{asked:>6}{figure.worker_ms:>8.2f}"
        f"{figure.sandbox_ms:>9.2f}{figure.failed:>8}{figure.others_percent:>7.0f}%",
        flush=True,
    )


def _pages(house: House) -> dict[str, str]:
    """Return the pages to measure; the listing's second page is found as a visitor finds it."""
    sort = "/products?sort=price"
    text = HttpBrowser(house.environ["PUBLIC_URL"]).ask("GET", sort).text
    begin = text.index("after=")
    cursor = text[begin : text.index('"', begin)].replace("&amp;", "&")
    with psycopg.connect(house.ours.dsn()) as connection:
        project = connection.execute(
            "select slug from project where state = 'open' order by created_at, slug limit 1"
        ).fetchone()
    return {
        "home": "/",
        "listing, page 2": f"{sort}&{cursor}",
        "product": f"/products/{_products(house)[0]}",
        "search": SEARCH,
        "project": f"/projects/{project[0] if project else ''}",
    }


def _products(house: House) -> list[str]:
    with psycopg.connect(house.ours.dsn()) as connection:
        rows = connection.execute(
            "select p.slug from product p join variant v on v.product_id = p.id "
            "where v.on_hand >= 1000 order by p.slug limit 500"
        ).fetchall()
    return [row[0] for row in rows]


def _count_orders(house: House) -> int:
    with psycopg.connect(house.ours.dsn()) as connection:
        found = connection.execute("select count(*) from customer_order").fetchone()
    return int(found[0]) if found else 0


if __name__ == "__main__":
    sys.exit(main())

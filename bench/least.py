"""`python -m bench.least SECONDS`: write orders with nothing but their rows, one commit each.

The same tables, triggers and checks as a purchase, by one connection, one COPY for each table,
without HTTP, pages or a provider: what an order costs PostgreSQL at least.
"""

import json
import os
import random
import sys
import time

from config import Settings
from marketplace import create_app
from marketplace.core.db import atomic
from marketplace.demo import bulk
from marketplace.demo.bulk_batch import Batch, Market
from marketplace.demo.bulk_rows import OrderRows

WARM_UP = 10


def main(seconds: float) -> int:
    """Print how many orders were written in how many seconds."""
    app = create_app(Settings.from_env(os.environ))
    with app.app_context():
        market = bulk.read_market()
        for _ in range(WARM_UP):
            _write(market)
        done, started = 0, time.monotonic()
        while time.monotonic() < started + seconds:
            _write(market)
            done += 1
    print(json.dumps({"done": done, "seconds": time.monotonic() - started}))
    return 0


def _write(market: Market) -> None:
    with atomic():
        (serial,) = bulk.next_numbers("order_number", 1)
        batch, dice = Batch(), random.Random(serial)  # not for secrets
        OrderRows(batch, market, dice, serial, market.now).write()
        bulk.put_in(batch)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))

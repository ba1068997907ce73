"""Addresses go when the orders that needed them are over."""

from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.worker import task
from marketplace.privacy import service


@task("erase_orders", every="23 4 * * *")
def erase_orders() -> None:
    """Take out the addresses of forgotten people's orders that are over, some at a time."""
    taken = 1
    while taken:
        with atomic():
            taken = service.erase_orders(now=clock.now())

"""Which process runs which tests: a whole file in one, the long ones first.

What a file's tests share is made once that way, and not once in each process; and no long file is
left for the end, when the other processes have nothing to do any more.
"""

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SITE = "the running site"
VISITORS = re.compile(r"tests/browser/test_\w+\.py$")
"""They share one site, so another process would have to start another."""

LONG_FIRST = (
    SITE,
    "tests/architecture/test_commands.py",  # while the site makes the demo world that others share
    "tests/browser/hostile/",
    "tests/faults/",
    "tests/concurrency/",
    "tests/catalog/test_imports_large.py",
    "tests/federation/test_two_servers.py",
)
"""Beginnings of what takes long although it is few tests; the rest goes by their number."""


def unit_of(nodeid: str) -> str:
    """Return to what a test belongs: its file, or those that share the site."""
    path = nodeid.partition("::")[0]
    return SITE if VISITORS.match(path) else path


def rank_of(unit: str) -> int:
    """Return a unit's place among the long ones; all others come after them."""
    places = (place for place, start in enumerate(LONG_FIRST) if unit.startswith(start))
    return next(places, len(LONG_FIRST))


class WholeFiles(LoadScopeScheduling):
    """A unit of work is a file, or all that share the site."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: object) -> None:
        first = min(self.workqueue, key=rank_of)  # of the same rank, the one with most tests
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Take ours where whole files are asked for."""
    return WholeFiles(config, log) if config.getoption("dist") == "loadfile" else None

"""Which process runs which tests: a whole file in one, the long ones first.

What a file's tests share is made once that way, and not once in each process; and no long file is
left for the end, when the other processes have nothing to do any more.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

LONG_FIRST = (
    "browser",  # the group that shares the running site
    "tests/browser/hostile/",
    "tests/architecture/test_commands.py",
    "tests/faults/",
    "mutants",
    "tests/concurrency/",
    "tests/catalog/test_imports_large.py",
    "tests/federation/test_two_servers.py",
)
"""Beginnings of what takes long although it is few tests; the rest goes by their number."""


def unit_of(nodeid: str) -> str:
    """Return to whom a test belongs: its group if it has one, else its file."""
    path, _, test = nodeid.partition("::")
    _, at, group = test.rpartition("@")
    return group if at and "]" not in group else path


def rank_of(unit: str) -> int:
    """Return a unit's place among the long ones; all others come after them."""
    places = (place for place, start in enumerate(LONG_FIRST) if unit.startswith(start))
    return next(places, len(LONG_FIRST))


class WholeFiles(LoadScopeScheduling):
    """A unit of work is a group or a file."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: object) -> None:
        first = min(self.workqueue, key=rank_of)  # of the same rank, the one with most tests
        self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Take ours where the tests' names carry their groups."""
    return WholeFiles(config, log) if config.getoption("dist") == "loadgroup" else None

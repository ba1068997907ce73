"""What programs cost: CPU seconds and memory, read from the kernel."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all below it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def cpu_seconds(pid: int) -> float:
    """Return the CPU that a tree of processes used, with the children that have ended."""
    total = 0.0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
            if process.pid == pid:
                total += times.children_user + times.children_system
    return total


def memory_mib(pid: int) -> float:
    """Return the proportional memory (PSS) of a tree of processes."""
    total = 0
    for process in tree(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 2**20


def postmaster(root: Path) -> int:
    """Return the process id of the database server whose files are in a folder."""
    return int((root / "data" / "postmaster.pid").read_text().splitlines()[0])


@dataclass
class Spent:
    """CPU seconds by name, and what share of the machine others used meanwhile."""

    seconds: dict[str, float] = field(default_factory=dict)
    others: float = 0


@contextlib.contextmanager
def spent_by(pids: Mapping[str, int]) -> Iterator[Spent]:
    """Measure what named trees of processes use inside the block."""
    spent = Spent()
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    idle, whole = _idle(), sum(psutil.cpu_times())
    own = sum(psutil.Process().cpu_times()[:4])
    yield spent
    spent.seconds = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    passed = sum(psutil.cpu_times()) - whole
    busy = passed - (_idle() - idle)
    known = sum(spent.seconds.values()) + sum(psutil.Process().cpu_times()[:4]) - own
    spent.others = max(0.0, busy - known) / passed if passed else 0.0


def _idle() -> float:
    times = psutil.cpu_times()
    return float(times.idle + times.iowait)

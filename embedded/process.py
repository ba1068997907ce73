"""Between processes: locks that the kernel gives back, and children that do not outlive us."""

import ctypes
import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class StartError(RuntimeError):
    """The server could not be started; the text says why in one line."""


def lock(path: Path, operation: int) -> int:
    """Take a `flock` on a file and return its descriptor: closing it gives the lock back.

    :raises BlockingIOError: somebody holds it and `operation` has `LOCK_NB`.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def die_with_parent(number: int) -> Callable[[], None]:
    """Return a `preexec_fn`: the child gets this signal when its parent dies (Linux only)."""

    def ask() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, number)

    return ask

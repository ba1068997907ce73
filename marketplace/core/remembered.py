"""A value that a process keeps for as many seconds as public pages are kept."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")

_SECONDS = {"kept": 0.0}


class Remembered(Generic[Value]):
    """Asks for a value, and remembers the answer for a moment; with zero seconds asks each time."""

    def __init__(self, ask: Callable[[], Value]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._kept: tuple[float, Value] | None = None

    def __call__(self) -> Value:
        """Return the value as it is now, or was a moment ago."""
        seconds = _SECONDS["kept"]
        with self._lock:
            if seconds and self._kept is not None and monotonic() - self._kept[0] < seconds:
                return self._kept[1]
        value = self._ask()
        with self._lock:
            self._kept = (monotonic(), value)
        return value


def keep_for(seconds: float) -> None:
    """Let this process remember values for so long; zero remembers nothing."""
    _SECONDS["kept"] = seconds

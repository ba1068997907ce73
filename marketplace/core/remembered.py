"""Answers that a process keeps for as many seconds as public pages are kept."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, ParamSpec, TypeVar

from cachetools import TLRUCache

Asked = ParamSpec("Asked")
Value = TypeVar("Value")

MOST_KEPT = 512
"""So many answers to one question; the oldest go first."""

_SECONDS = {"kept": 0.0}


def _ends(_key: object, _value: object, now: float) -> float:
    return now + _SECONDS["kept"]


class Remembered(Generic[Asked, Value]):
    """A question whose answer is kept for a moment; with zero seconds it is asked each time.

    What is asked with can be a key, and threads share the answer: plain values, no rows of a
    session.
    """

    def __init__(self, ask: Callable[Asked, Value]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._kept: TLRUCache[Hashable, Value] = TLRUCache(MOST_KEPT, _ends, monotonic)

    def __call__(self, *args: Asked.args, **named: Asked.kwargs) -> Value:
        """Return the answer as it is now, or was a moment ago."""
        key = (args, tuple(sorted(named.items())))
        with self._lock:
            if _SECONDS["kept"] and key in self._kept:
                return self._kept[key]
        value = self._ask(*args, **named)
        with self._lock:
            self._kept[key] = value
        return value


def keep_for(seconds: float) -> None:
    """Let this process remember answers for so long; zero remembers nothing."""
    _SECONDS["kept"] = seconds

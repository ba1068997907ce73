"""A small TCP proxy that breaks: it stands before PostgreSQL, or before the provider.

It carries bytes until a rule says otherwise. A rule waits for words that the caller sends
(`COMMIT`, `POST /v1/refunds`); they come at the beginning of what is sent at once, so they are
never looked for across two reads.
"""

import contextlib
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Self

CHUNK = 65_536
_BACKEND = re.compile(rb"K\x00\x00\x00\x0c(.{4})", re.DOTALL)


class Do(Enum):
    """What becomes of a connection on which the words were said."""

    CUT_BEFORE = auto()
    """The words never arrive."""
    CUT_AFTER = auto()
    """They arrive and are answered; the answer never comes."""
    HALF_CLOSE = auto()
    """They arrive; the caller hears the end of the connection instead of an answer."""
    DELAY = auto()
    """They arrive late."""


@dataclass
class Rule:
    """What to do when `words` are said for the `nth` time; `then` runs at that very moment."""

    words: bytes
    do: Do
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    then: Callable[["Line"], None] | None = None


@dataclass
class Line:
    """One connection: the caller's end, ours to the server, and who serves it (PostgreSQL)."""

    caller: socket.socket
    server: socket.socket
    backend_pid: int = 0
    carried: dict[str, int] = field(default_factory=lambda: {"there": 0, "back": 0})


class Wire:
    """Listens on a port of 127.0.0.1 and carries everything to `target`."""

    def __init__(self, target: Path | tuple[str, int]) -> None:
        self.target = target
        self.faults = 0
        self.cut_after: dict[str, int] = {}
        """So many bytes there or back are carried on each connection, and no more."""
        self.is_deaf = False
        """Whoever calls now is let wait for ever, as where a machine is gone."""
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._ear.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.heal()
        with contextlib.suppress(OSError):
            self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()

    def when(self, words: bytes, do: Do, **more: object) -> Rule:
        """Break where the words are said next; return the rule, whose `times` is what is left."""
        rule = Rule(words, do, **more)  # type: ignore[arg-type]  # the dataclass says what
        with self._lock:
            self._rules.append(rule)
        return rule

    def heal(self) -> None:
        """Break nothing any more."""
        with self._lock:
            self._rules.clear()
            self.cut_after = {}
            self.is_deaf = False

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._ear.accept()
                threading.Thread(target=self._serve, args=[caller], daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        if self.is_deaf:
            self.faults += 1
            with contextlib.suppress(OSError):
                while caller.recv(CHUNK):
                    pass
            caller.close()
            return
        try:
            server = self._reach()
        except OSError:
            _reset(caller)
            return
        line = Line(caller, server)
        with contextlib.suppress(OSError):
            self._carry(line)
        _reset(caller)
        server.close()

    def _reach(self) -> socket.socket:
        if isinstance(self.target, Path):
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self.target))
            except OSError:
                server.close()
                raise
            return server
        return socket.create_connection(self.target, timeout=30)

    def _carry(self, line: Line) -> None:
        while True:
            ready, _, _ = select.select([line.server, line.caller], [], [])
            for end in ready:
                said = end.recv(CHUNK)
                if not said:
                    return
                if end is line.server:
                    self._back(line, said)
                elif not self._there(line, said):
                    return

    def _back(self, line: Line, said: bytes) -> None:
        if not line.backend_pid and (found := _BACKEND.search(said)):
            (line.backend_pid,) = struct.unpack("!I", found[1])
        line.caller.sendall(self._as_far_as_it_goes(line, "back", said))

    def _there(self, line: Line, said: bytes) -> bool:
        """Carry what the caller said; False if that was the end."""
        rule = self._due(said)
        if rule is None:
            line.server.sendall(self._as_far_as_it_goes(line, "there", said))
            return True
        self.faults += 1
        if rule.do is Do.DELAY:
            time.sleep(rule.seconds)
        if rule.do is not Do.CUT_BEFORE:
            line.server.sendall(said)
        if rule.do in (Do.CUT_AFTER, Do.HALF_CLOSE):
            self._until_answered(line)
        if rule.do is Do.HALF_CLOSE:
            line.caller.shutdown(socket.SHUT_WR)
            while line.caller.recv(CHUNK):
                pass
        if rule.then is not None:
            rule.then(line)
        return rule.do is Do.DELAY

    def _until_answered(self, line: Line) -> None:
        """Carry the rest of what is said, until the server answers: then it has done it."""
        while True:
            ready, _, _ = select.select([line.server, line.caller], [], [])
            if line.server in ready:
                line.server.recv(CHUNK)
                return
            more = line.caller.recv(CHUNK)
            if not more:
                return
            line.server.sendall(more)

    def _due(self, said: bytes) -> Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.times and rule.words in said:
                    rule.nth -= 1
                    if rule.nth < 1:
                        rule.times -= 1
                        return rule
        return None

    def _as_far_as_it_goes(self, line: Line, way: str, said: bytes) -> bytes:
        """Return what may still be carried; nothing more is when that is less than was said."""
        limit = self.cut_after.get(way)
        if limit is None:
            return said
        left = limit - line.carried[way]
        line.carried[way] += len(said)
        if left >= len(said):
            return said
        self.faults += 1
        end = line.server if way == "there" else line.caller
        end.sendall(said[: max(left, 0)])
        raise ConnectionAbortedError


def _reset(caller: socket.socket) -> None:
    """Close it as a crash does, not politely."""
    with contextlib.suppress(OSError):
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()

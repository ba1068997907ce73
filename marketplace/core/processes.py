"""A small family of processes: started together, watched, stopped together."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedded.process import die_with_parent

CHECKOUT = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 15
MANY_DEATHS = 5
QUIET_SECONDS = 60  # a child that lived longer than this has not just failed to start
LOG_LIMIT = 5_000_000


class GaveUp(RuntimeError):
    """A child died again and again; the text says which and its last words."""


@dataclass
class Child:
    """One program that should always run, in a process group of its own."""

    name: str
    command: list[str]
    environ: Mapping[str, str]
    log: Path | None
    speaks: bool = False  # its standard output goes to the terminal, only its errors to the log
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    deaths: int = 0
    next_start: float = field(default=0)

    def start(self) -> None:
        """Start the program; the kernel kills it when this process dies, whatever it is doing."""
        log = self.log.open("ab") if self.log else None
        try:
            self.process = subprocess.Popen(
                self.command,
                env=self.environ,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=None if self.speaks else log,
                stderr=log,
                process_group=0,  # Ctrl-C in the terminal reaches only us
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509  # we have no threads
            )
        finally:
            if log:
                log.close()
        self.started = time.monotonic()

    def watch(self) -> None:
        """Start the program again if it died, a little later each time.

        :raises GaveUp: it keeps dying.
        """
        if self.process is None:
            if time.monotonic() >= self.next_start:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.signal(signal.SIGKILL)  # what it may have left in its group
        lived = time.monotonic() - self.started
        self.deaths = 1 if lived > QUIET_SECONDS else self.deaths + 1
        if self.deaths == MANY_DEATHS:
            raise GaveUp(
                f"{self.name} ended {MANY_DEATHS} times (code {code}). {self.last_words()}"
            )
        self.next_start = time.monotonic() + 0.25 * 2**self.deaths
        self.process = None

    def signal(self, number: int) -> None:
        """Send a signal to the program and all that it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        """Return the last line of its log."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1]} (more in {self.log})" if lines else ""


class Family:
    """Children that live and end together."""

    def __init__(self, environ: Mapping[str, str], logs: Path | None) -> None:
        self.environ, self.logs = environ, logs
        self.children: list[Child] = []

    def add(self, name: str, *command: str, speaks: bool = False) -> Child:
        """Start a program and look after it from now on."""
        if self.logs:
            self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log" if self.logs else None
        if log and log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".old.log"))
        child = Child(name, list(command), self.environ, log, speaks)
        self.children.append(child)
        child.start()
        return child

    def watch(self) -> None:
        """Look after every child once.

        :raises GaveUp: one of them keeps dying.
        """
        for child in self.children:
            child.watch()

    def stop(self) -> None:
        """End all, the last started first, and return when none is left."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in reversed(self.children):
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                child.signal(signal.SIGKILL)
                child.process.wait()

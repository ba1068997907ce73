"""One PostgreSQL server in one folder, started by whoever needs it first.

Whoever needs the server holds a *lease*, a shared `flock`, which the kernel gives back even after
`kill -9`. A small supervisor process owns the server and stops it when nobody holds a lease any
more. So nothing has to be cleaned up.
"""

import fcntl
import json
import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from embedded.process import StartError, lock

USER = "marketplace"
DATABASE = "marketplace"
PORT = 5432  # names the socket file only: the server never listens on TCP
_CHECKOUT = Path(__file__).resolve().parent.parent


class Lease:
    """Keeps the server running while it is held."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lease back; a second call does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server with its files under `root`; `fast` gives up durability (for tests)."""

    root: Path
    fast: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    def start(self, *, timeout: float = 90.0) -> Lease:
        """Take a lease and return once the server answers.

        :raises StartError: the server does not come up within `timeout` seconds.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lease = Lease(lock(self.root / "lease", fcntl.LOCK_SH))
        supervisor, code = 0, 0
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.is_ready():
                return lease
            if supervisor and (ended := _exit_code(supervisor)) is not None:
                supervisor, code = 0, ended
            if not supervisor and not self.is_supervised():
                if code:
                    break
                supervisor = self._spawn_supervisor()
            time.sleep(0.02)
        lease.release()
        raise StartError(f"PostgreSQL could not be started in {self.root}: {self._last_words()}")

    def dsn(self, dbname: str = DATABASE) -> str:
        """Return a database's address in this (started) server, for libpq and SQLAlchemy alike."""
        address = json.loads((self.root / "server.json").read_text())
        password = quote((self.root / "password").read_text())
        host = quote(address["socket_dir"], safe="")
        return f"postgresql://{USER}:{password}@/{quote(dbname)}?host={host}"

    def is_ready(self) -> bool:
        """Whether the server takes connections now and is looked after."""
        if not self.is_supervised():
            return False  # what still answers is about to end
        try:
            address = json.loads((self.root / "server.json").read_text())
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(f"{address['socket_dir']}/.s.PGSQL.{PORT}")
        except (OSError, ValueError):
            return False
        return True

    def is_supervised(self) -> bool:
        """Whether a supervisor process is alive, so that the server runs, comes up or goes down."""
        try:
            os.close(lock(self.root / "supervisor.lock", fcntl.LOCK_SH | fcntl.LOCK_NB))
        except BlockingIOError:
            return True
        return False

    def wait_stopped(self, timeout: float = 30.0) -> bool:
        """Wait until the server is gone; False if it still runs after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.is_supervised():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _spawn_supervisor(self) -> int:
        """Start the supervisor and return its process id; it will outlive us, so no Popen."""
        command = [sys.executable, "-P", "-m", "embedded", str(self.root)]
        log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.posix_spawn(
            sys.executable,
            [*command, *(["--fast"] if self.fast else [])],
            {"PATH": os.defpath, "PYTHONPATH": str(_CHECKOUT)},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.root / "log"), log, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )

    def _last_words(self) -> str:
        lines = (self.root / "log").read_text(errors="replace").splitlines()
        wrong = [line for line in lines[-30:] if "FATAL" in line or "rror" in line]
        return (wrong or lines or ["no answer"])[-1].strip()


def _exit_code(pid: int) -> int | None:
    """Return how a child ended, None while it lives."""
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:  # somebody else in this process has asked already
        return 0
    return os.waitstatus_to_exitcode(status) if found else None

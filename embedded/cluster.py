"""One PostgreSQL server in one folder, started by whoever needs it first.

Whoever needs the server holds a *lease*, a shared `flock`, which the kernel gives back even after
`kill -9`. A small supervisor process owns the server and stops it when nobody holds a lease any
more. So nothing has to be cleaned up.
"""

import fcntl
import json
import os
import socket
import subprocess
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
        supervisor: subprocess.Popen[bytes] | None = None
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.is_ready():
                return lease
            if (supervisor is None or supervisor.poll() is not None) and not self.is_supervised():
                if supervisor is not None and supervisor.returncode:
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
        """Whether the server takes connections now."""
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

    def _spawn_supervisor(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "embedded", str(self.root)]
        with (self.root / "log").open("ab") as log:
            return subprocess.Popen(
                [*command, *(["--fast"] if self.fast else [])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath, "PYTHONPATH": str(_CHECKOUT)},
                start_new_session=True,
            )

    def _last_words(self) -> str:
        lines = (self.root / "log").read_text(errors="replace").splitlines()
        wrong = [line for line in lines[-30:] if "FATAL" in line or "rror" in line]
        return (wrong or lines or ["no answer"])[-1].strip()

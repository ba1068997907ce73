"""A PostgreSQL server of a test, to be killed; it comes back with what it had committed."""

import contextlib
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from embedded.ground import Ground, find_ground
from embedded.process import die_with_parent
from embedded.supervisor import INITDB_OPTIONS, SETTINGS

USER = "marketplace"
PATIENCE_SECONDS = 120
STARTER = ThreadPoolExecutor(1, "starter")
"""The kernel ends a server with the thread that started it: so one that lives as long as we do."""
# A killed process takes nothing along that it had handed to the kernel, so nothing needs to reach a
# disk here. What a commit waits for stays as the product's own server has it.
CHEAP = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "dynamic_shared_memory_type": "mmap",  # in its folder: nothing is left behind elsewhere
}


@dataclass
class Server:
    """Files under `root`; `settings` are PostgreSQL's."""

    root: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ground: Ground = find_ground(self.root)
        self.data, self.run = self.root / "data", self.root / "run"
        self.socket = self.run / ".s.PGSQL.5432"

    def make(self) -> "Server":
        """Make its files; whoever comes over the socket is let in."""
        self.own(self.data)
        options = [*INITDB_OPTIONS[:-1], "--auth=trust", "--no-sync"]
        self.ground.run("initdb", "-D", self.data, "-U", USER, *options)
        return self

    def own(self, folder: Path) -> Path:
        """Make a folder that the server may use."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.ground.uid is not None:
            self.root.chmod(0o711)
            os.chown(folder, self.ground.uid, -1)
        return folder

    def start(self) -> "Server":
        """Start it; right after a kill it waits until the last backend has noticed."""
        self.own(self.run)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                self.process = STARTER.submit(self._spawn).result()
            with contextlib.suppress(psycopg.OperationalError), self.connect() as connection:
                connection.execute("select 1")
                return self
            time.sleep(0.05)
        raise TimeoutError((self.root / "log").read_text()[-2000:])

    def kill(self) -> None:
        """Kill the process to which all others belong, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it without ceremony."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE_SECONDS)

    def connect(self, dbname: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.dsn(dbname), autocommit=True, connect_timeout=30)

    def dsn(self, dbname: str, *, port: int | None = None) -> str:
        """Return where a database is: behind our socket, or behind a proxy on a port."""
        where = f"host={self.run}" if port is None else f"host=127.0.0.1&port={port}"
        return f"postgresql://{USER}@/{dbname}?{where}&sslmode=disable&gssencmode=disable"

    def _spawn(self) -> subprocess.Popen[bytes]:
        sockets = {"unix_socket_directories": str(self.run)}
        settings = SETTINGS | CHEAP | sockets | self.settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = str(self.ground.programs / "postgres")
        with (self.root / "log").open("ab") as log:
            return subprocess.Popen(
                [*self.ground.prefix, program, "-D", str(self.data), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                preexec_fn=die_with_parent(signal.SIGQUIT),  # noqa: PLW1509  # one thread starts it
                **self.ground.popen_arguments(),
            )  # fmt: skip

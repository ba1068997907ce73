"""A whole installation for measuring, in a folder of its own: two databases, three servers.

The sandbox for payments has a database server of its own: its work is not counted as ours.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg

from embedded.cluster import Cluster, Lease
from marketplace.core.migrate import upgrade
from marketplace.payments.rules import MESSAGES_NEEDED

CHECKOUT = Path(__file__).resolve().parent.parent
READY_SECONDS = 60
WORKED_OFF_SECONDS = 300
JOBS_LEFT = """
select count(*) from procrastinate_jobs
where status = 'doing' or status = 'todo' and (scheduled_at is null or scheduled_at < now())
"""
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


class House:
    """The database, the web server, the worker, the sandbox and the reference, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ours, self.theirs = Cluster(folder / "postgres"), Cluster(folder / "sandbox")
        self.leases: list[Lease] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.port, self.sandbox_port, self.reference_port = (free_port() for _ in range(3))
        self.environ: dict[str, str] = {}

    def __enter__(self) -> Self:
        for cluster in (self.ours, self.theirs):
            self.leases.append(cluster.start())
        secret = "whsec_bench"
        here = "http://127.0.0.1"
        self.environ = dict(os.environ) | {
            "DATABASE_URL": self.ours.dsn(),
            "INSTANCE_PATH": str(self.folder / "instance"),
            "PORT": str(self.port),
            "PUBLIC_URL": f"{here}:{self.port}",
            "SECRET_KEY": "only for measuring, and long enough for that",
            "MAIL_URL": f"file:{self.folder / 'letters'}",
            "STRIPE_API_BASE": f"{here}:{self.sandbox_port}",
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": secret,
            "SANDBOX_DSN": self.theirs.dsn(),
            "SANDBOX_PORT": str(self.sandbox_port),
            "SANDBOX_PUBLIC_URL": f"{here}:{self.sandbox_port}",
            "SANDBOX_WEBHOOK_URL": f"{here}:{self.port}/webhooks/stripe",
            "SANDBOX_WEBHOOK_SECRET": secret,
            "SANDBOX_WEBHOOK_EVENTS": ",".join(MESSAGES_NEEDED),
            "PYTHONPATH": str(CHECKOUT),
        }
        upgrade(self.ours.dsn())
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        for lease in self.leases:
            lease.release()
        for cluster in (self.ours, self.theirs):
            cluster.wait_stopped()

    def seed(self, *options: str) -> None:
        """Run `flask seed`, then let PostgreSQL look at what is there."""
        without_double = {name: "" for name in self.environ if name.startswith("STRIPE_")}
        subprocess.run(
            [*FLASK, "seed", *options], env=self.environ | without_double, cwd=CHECKOUT, check=True
        )
        with psycopg.connect(self.ours.dsn(), autocommit=True) as connection:
            connection.execute("vacuum analyze")
            connection.execute("checkpoint")

    def open(self) -> None:
        """Start the servers and wait until they answer."""
        self._start("sandbox", sys.executable, "-m", "sandbox")
        self._start("worker", *FLASK, "worker")
        self._start("web", sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py")
        self._start("reference", *self._reference())
        wait_for(self.port, "/readyz")
        wait_for(self.reference_port, "/")

    def restart_web(self) -> None:
        """Start the web server anew: prepared plans were made for the data as it was."""
        self._stop()
        self.open()

    @contextlib.contextmanager
    def without_worker(self) -> Iterator[None]:
        """Let the worker do what is left, and then nothing until the block ends."""
        self._wait_until_done()
        worker = self.processes["worker"]
        worker.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            worker.send_signal(signal.SIGCONT)

    def run(self, *command: str) -> str:
        """Run a program with our settings; return what it prints."""
        with (self.folder / "run.log").open("ab") as log:
            done = subprocess.run(
                command,
                env=self.environ,
                cwd=CHECKOUT,
                check=True,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        return done.stdout

    def _wait_until_done(self) -> None:
        """Wait until no job waits for the worker or is in its hands.

        :raises TimeoutError: there still is one.
        """
        deadline = time.monotonic() + WORKED_OFF_SECONDS
        with psycopg.connect(self.ours.dsn(), autocommit=True) as connection:
            while connection.execute(JOBS_LEFT).fetchone() != (0,):
                if time.monotonic() > deadline:
                    raise TimeoutError("the worker does not come to an end")
                time.sleep(0.2)

    def _stop(self) -> None:
        """Stop the servers; a worker in the middle of a long job is not waited for."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, name: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environ, cwd=CHECKOUT, stdout=log, stderr=log
            )

    def _reference(self) -> list[str]:
        address = f"--bind=127.0.0.1:{self.reference_port}"
        return [sys.executable, "-m", "gunicorn", "-c", "bench/reference_server.py", address]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str) -> None:
    """Wait until a server answers with 200.

    :raises TimeoutError: it does not.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        finally:
            connection.close()
    raise TimeoutError(f"port {port} does not answer")

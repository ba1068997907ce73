"""`python -m marketplace.run`: everything that a working marketplace needs, under one roof.

Starts the embedded database, the sandbox for payments, a worker and the web server, each only
where the settings do not name another, and stops them all on Ctrl-C or SIGTERM.
"""

import errno
import fcntl
import http.client
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.exc import DBAPIError

from config import ConfigError, Settings, kept_secret
from embedded.cluster import DATABASE, Cluster, Lease
from embedded.process import StartError, die_with_parent, lock
from marketplace.accounts.models import User
from marketplace.core.migrate import upgrade
from marketplace.core.processes import CHECKOUT, Family, GaveUp
from marketplace.demo.world import OPERATOR, sign_ins
from marketplace.look.assets import build_dir
from marketplace.look.build import build
from marketplace.payments.rules import MESSAGES_NEEDED

ENOUGH_DISK = 300_000_000  # bytes: the database's first files and some room to work
READY_SECONDS = 90
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
POLL_SECONDS = 0.2
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


class CannotRun(Exception):
    """Something that we need is missing; the text says what to do about it."""


def main() -> int:
    """Run until told to stop. Returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):  # a shell's background jobs ignore the second
        signal.signal(number, _interrupt)
    try:
        with House(Settings.from_env(os.environ)) as house:
            house.open()
            house.keep()
    except KeyboardInterrupt:
        return 0
    except (ConfigError, CannotRun, StartError, GaveUp) as problem:
        print(problem, file=sys.stderr)
        return 1


class House:
    """One running installation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.environ = dict(os.environ) | {
            "PYTHONPATH": str(CHECKOUT),
            "INSTANCE_PATH": str(settings.instance_path),
            "PUBLIC_URL": settings.public_url,
        }
        logs = None if settings.is_production else settings.instance_path / "log"
        self.family = Family(self.environ, logs)
        self.cluster: Cluster | None = None
        self.lease: Lease | None = None
        self.latch = -1
        self.half_seeded = settings.instance_path / "half-seeded"

    def __enter__(self) -> "House":
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything; nothing may interrupt that but a second wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        if self.family.children:
            _say("Stopping.")
        self.family.stop()
        if self.cluster and self.lease:
            self.lease.release()
            self.cluster.wait_stopped()
        if self.latch >= 0:
            os.close(self.latch)

    def open(self) -> None:
        """Bring everything up and tell where it is.

        :raises CannotRun: something is missing.
        """
        started = time.monotonic()
        self._check_ground()
        self.environ["SECRET_KEY"] = self.settings.with_secret_key().secret_key
        assets = _build_meanwhile()
        self._open_database()
        if self.settings.uses_sandbox and not self.settings.is_production:
            self._open_sandbox()
            self._seed()
        if not self.settings.is_production:
            self._name_mail_door()
        assets.join()
        if assets.exitcode:
            raise CannotRun("The static files could not be built.")
        self.family.add("worker", *FLASK, "worker", speaks=True)
        self.family.add("web", sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py")
        self._wait_ready()
        if self.environ.get("MAIL_LISTEN"):  # nobody waits for it
            self.family.add("mail-server", *FLASK, "mail-server")
        self._say_where(time.monotonic() - started)

    def _say_where(self, seconds: float) -> None:
        told = [f"Causeway is up after {seconds:.1f} s: {self.settings.public_url}"]
        if not self.settings.is_production and _has_person(self.environ["DATABASE_URL"], OPERATOR):
            told.append(sign_ins())
        told.append("Ctrl-C stops it." + (f" Logs: {self.family.logs}" if self.family.logs else ""))
        _say("\n".join(told))  # at once: the worker may be printing letters

    def keep(self) -> NoReturn:
        """Look after the children until somebody interrupts us.

        :raises GaveUp: one of them keeps dying.
        """
        while True:
            self.family.watch()
            time.sleep(POLL_SECONDS)

    def _check_ground(self) -> None:
        instance = self.settings.instance_path
        try:
            instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.latch = lock(instance / "run.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"Causeway already runs with the data in {instance}.") from None
        except OSError as error:
            raise CannotRun(f"Cannot write to {instance}: {error.strerror}.") from None
        if shutil.disk_usage(instance).free < ENOUGH_DISK:
            raise CannotRun(f"Too little free space in {instance}: 300 MB are needed.")
        if not _is_free(self.settings.host, self.settings.port):
            raise CannotRun(
                f"Port {self.settings.port} is in use. Choose another: PORT=8001 make run"
            )

    def _open_database(self) -> None:
        if not self.settings.database_url:
            self.cluster = Cluster(self.settings.instance_path / "postgres")
            self.lease = self.cluster.start()
            self.environ["DATABASE_URL"] = self.cluster.dsn()
            if self.half_seeded.exists():
                _empty(self.cluster)
        else:
            self.environ["DATABASE_URL"] = self.settings.database_url
        try:
            upgrade(self.environ["DATABASE_URL"])
        except DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise CannotRun(f"The database cannot be used: {reason}") from None

    def _seed(self) -> None:
        """Make the demo world in an empty database; one that was half made is begun anew."""
        if not _has_person(self.environ["DATABASE_URL"]):
            if self.cluster:  # what lies in somebody's own database is not ours to empty
                self.half_seeded.touch()
            self._run(*FLASK, "seed", "--if-empty")
            self.half_seeded.unlink(missing_ok=True)

    def _open_sandbox(self) -> None:
        """Start the double of Stripe on a port of its own, next to ours where that is free."""
        port = self.settings.port + 1
        if port > 65535 or not _is_free(self.settings.host, port):
            port = _free_port()
        here = _reachable(self.settings.host)
        seen = urlsplit(self.settings.public_url).hostname or here
        secret = "whsec_" + kept_secret(self.settings.instance_path / "webhook_secret")
        self.environ |= {
            "STRIPE_API_BASE": f"http://{here}:{port}",
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_WEBHOOK_SECRET": secret,
            "SANDBOX_DSN": self.environ["DATABASE_URL"],
            "SANDBOX_HOST": self.settings.host,
            "SANDBOX_PORT": str(port),
            "SANDBOX_PUBLIC_URL": f"http://{seen}:{port}",
            "SANDBOX_WEBHOOK_URL": f"http://{here}:{self.settings.port}/webhooks/stripe",
            "SANDBOX_WEBHOOK_SECRET": secret,
            "SANDBOX_WEBHOOK_EVENTS": ",".join(MESSAGES_NEEDED),
        }
        self.family.add("sandbox", sys.executable, "-m", "sandbox")

    def _name_mail_door(self) -> None:
        """Let letters come in on a port of its own, where the settings do not say where."""
        if self.settings.mail_domain:
            return
        port = self.settings.port + 2
        if port > 65535 or not _is_free(self.settings.host, port):
            port = _free_port()
        self.environ |= {
            "MAIL_DOMAIN": "causeway.localhost",
            "MAIL_LISTEN": f"{_reachable(self.settings.host)}:{port}",
        }

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, check=False, env=self.environ, cwd=CHECKOUT)
        if done.returncode:
            raise CannotRun(f"`{' '.join(command[1:])}` failed (code {done.returncode}).")

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.family.watch()
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        raise CannotRun(f"The site did not come up in {READY_SECONDS} s.")

    def _answers(self) -> bool:
        here = _reachable(self.settings.host)
        connection = http.client.HTTPConnection(here, self.settings.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _build_meanwhile() -> ForkProcess:
    """Build the static files in a process beside us: the fonts take as long as the first seed."""

    def work() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us, and we end it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL)()
        build()

    build_dir().mkdir(parents=True, exist_ok=True)  # those who come first look for it
    process = multiprocessing.get_context("fork").Process(target=work, daemon=True)
    process.start()
    return process


def _empty(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        for command in ("DROP DATABASE {} WITH (FORCE)", "CREATE DATABASE {}"):
            connection.execute(SQL(command).format(Identifier(DATABASE)))


def _has_person(dsn: str, email: str = "") -> bool:
    """Say whether somebody with this address has an account; without one, whether anybody has."""
    users = Identifier(User.__tablename__)
    known = SQL("SELECT FROM {} WHERE email = %s OR %s = '' LIMIT 1").format(users)
    with psycopg.connect(dsn) as connection:
        return bool(connection.execute(known, [email, email]).rowcount)


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in EVERYWHERE else host


def _is_free(host: str, port: int) -> bool:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise CannotRun(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

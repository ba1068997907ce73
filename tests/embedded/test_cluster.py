"""The launcher: shared by whoever asks, gone when nobody needs it, whatever is killed."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from embedded.cluster import Cluster
from embedded.process import StartError
from embedded.supervisor import LONGEST_PAUSE, MANY_CRASHES, Supervisor

CHECKOUT = Path(__file__).resolve().parents[2]
CLIENT = Path(__file__).with_name("client.py")
PATIENCE_SECONDS = 120  # of a busy machine; who is quick waits no longer for it


class Client:
    """Another process that uses the server."""

    def __init__(self, root):
        self.process = subprocess.Popen(
            [sys.executable, CLIENT, root],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        )

    def dsn(self):
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def root(tmp_path):
    place = tmp_path / "postgres"
    yield place
    for pid in processes_of(place):
        with suppress(ProcessLookupError):  # it may end meanwhile, with the one before
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def clients(root):
    started = []

    def start():
        started.append(Client(root))
        return started[-1]

    yield start
    for client in started:
        client.kill()


def processes_of(root, *, supervisor=None):
    """Ids of the server's two processes: its supervisor and its postmaster."""
    found = {}
    for process in psutil.process_iter(["cmdline", "ppid"]):
        words = process.info["cmdline"] or []
        is_supervisor = "embedded" in words and str(root) in words
        is_server = f"{root}/data" in words
        if is_supervisor or is_server:
            found[process.pid] = (process.info["ppid"], is_supervisor)
    return [
        pid
        for pid, (parent, is_supervisor) in found.items()
        if supervisor in {None, is_supervisor}
        # A child carries its parent's words for a moment, until it has given itself others.
        and found.get(parent, (0, None))[1] is not is_supervisor
    ]


def eventually(condition, seconds=PATIENCE_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return True


def answers(dsn):
    try:
        with psycopg.connect(dsn, connect_timeout=30) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


class DyingServer(Supervisor):
    """A supervisor whose server dies at once, until it is told to stop."""

    def __init__(self, root, has_served):
        self.root, self.has_served = root, has_served
        self.data, self.stopping = Path("/"), threading.Event()

    def _stop_without_leases(self):
        pass

    def _serve_once(self):
        if not self.crashes_left:
            self.stopping.set()
        self.crashes_left -= 1
        return 1


class TestCluster:
    def test_serves_with_our_settings_and_only_with_its_password(self, root):
        cluster = Cluster(root)
        with cluster.start():
            with psycopg.connect(cluster.dsn()) as connection:
                show = lambda name: connection.execute(f"SHOW {name}").fetchone()[0]  # noqa: E731
                assert show("fsync") == "on"
                assert show("timezone") == "UTC"
                assert show("jit") == "off"
                assert show("listen_addresses") == ""
                assert show("shared_preload_libraries") == "pg_stat_statements"
                assert connection.info.dbname == "marketplace"
            password = (root / "password").read_text()
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(cluster.dsn().replace(password, "guess"))
            assert stat.S_IMODE((root / "password").stat().st_mode) == 0o600
        assert cluster.wait_stopped(PATIENCE_SECONDS)

    def test_keeps_its_data(self, root):
        cluster = Cluster(root, fast=True)
        with cluster.start(), psycopg.connect(cluster.dsn()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        assert cluster.wait_stopped(PATIENCE_SECONDS)
        with cluster.start(), psycopg.connect(cluster.dsn()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (1,)
        assert cluster.wait_stopped(PATIENCE_SECONDS)

    def test_finds_a_short_place_for_its_socket(self, tmp_path):
        cluster = Cluster(tmp_path / ("long" * 30), fast=True)
        with cluster.start():
            assert answers(cluster.dsn())
        assert cluster.wait_stopped(PATIENCE_SECONDS)

    def test_says_in_one_line_why_it_cannot_start(self, root):
        cluster = Cluster(root, fast=True)
        with cluster.start():
            pass
        assert cluster.wait_stopped(PATIENCE_SECONDS)
        (root / "data" / "postgresql.conf").write_text("nonsense")
        with pytest.raises(StartError, match="could not be started") as failure:
            cluster.start(timeout=PATIENCE_SECONDS)
        assert "\n" not in str(failure.value)


class TestLease:
    def test_stops_the_server_with_the_last_client_even_if_all_are_killed(self, root, clients):
        first, second = clients(), clients()
        dsn = first.dsn()
        assert second.dsn() == dsn
        assert eventually(lambda: len(processes_of(root)) == 2)
        first.kill()
        assert answers(dsn)
        second.kill()
        assert eventually(lambda: not processes_of(root))

    def test_is_shared_by_clients_that_race(self, root, clients):
        racers = [clients() for _ in range(5)]
        assert len({client.dsn() for client in racers}) == 1
        assert eventually(lambda: len(processes_of(root, supervisor=False)) == 1)


class TestRecovery:
    def test_brings_a_killed_server_back_to_its_clients(self, root, clients):
        dsn = clients().dsn()
        (server,) = processes_of(root, supervisor=False)
        os.kill(server, signal.SIGKILL)
        assert eventually(lambda: answers(dsn))

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel must end orphans")
    def test_survives_its_supervisor(self, root, clients):
        clients().dsn()
        (supervisor,) = processes_of(root, supervisor=True)
        os.kill(supervisor, signal.SIGKILL)
        assert answers(clients().dsn())
        assert eventually(lambda: len(processes_of(root)) == 2)

    @pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
    def test_starts_no_server_beside_one_that_is_still_ending(self, root, monkeypatch):
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        supervisor = DyingServer(root, has_served=False)
        root.mkdir()
        supervisor.data, supervisor.crashes_left = root, 0
        command = [sys.executable, "-c", "import sys; sys.stdin.read()", str(root)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as old:
            (root / "postmaster.pid").write_text(f"{old.pid}\n")
            eventually(supervisor._has_predecessor)
            running = threading.Thread(target=supervisor.run)
            running.start()
            running.join(0.2)
            assert not supervisor.stopping.is_set()
            old.communicate()
        running.join(PATIENCE_SECONDS)
        assert supervisor.stopping.is_set()

    @pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
    def test_is_not_held_up_by_a_stranger_with_the_number_of_a_server_long_gone(self, root):
        supervisor = DyingServer(root, has_served=False)
        root.mkdir()
        supervisor.data = root
        (root / "postmaster.pid").write_text(f"{os.getpid()}\n")
        assert not supervisor._has_predecessor()

    @pytest.mark.parametrize("has_served", [True, False])
    def test_gives_up_only_on_a_server_that_never_came_up(self, root, monkeypatch, has_served):
        supervisor, crashes, pauses = DyingServer(root, has_served), MANY_CRASHES + 3, []
        monkeypatch.setattr(time, "sleep", pauses.append)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        supervisor.crashes_left = crashes
        assert supervisor.run() == (0 if has_served else 1)
        assert len(pauses) == (crashes if has_served else MANY_CRASHES - 1)
        assert max(pauses) <= LONGEST_PAUSE

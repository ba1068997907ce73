"""The two commands, on a machine where something is missing and on one where nothing is."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from marketplace import run as running
from tests.cluster import environ_for_others

CHECKOUT = Path(__file__).resolve().parents[2]
UP_SECONDS = 180


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Run:
    """`make run`, after the installation, with everything in a folder of its own."""

    def __init__(self, instance, *, is_measured=True, **settings):
        self.instance = instance
        self.port = settings.pop("PORT", None) or str(free_port())
        kept = environ_for_others(is_measured=is_measured)
        kept.pop("DATABASE_URL", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "marketplace.run"],
            cwd=CHECKOUT,
            env=kept | {"INSTANCE_PATH": str(instance), "PORT": self.port} | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_up(self):
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Ctrl-C stops it" in line:
                return "".join(said)
        raise AssertionError("".join(said))

    def end(self, seconds=180):
        said, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, said

    def relatives(self):
        """Every process that was started for this instance, wherever it hangs in the tree."""
        found = []
        for process in psutil.process_iter():
            try:
                about = [*process.cmdline(), *process.environ().values()]
            except psutil.Error:
                continue
            if any(str(self.instance) in word for word in about):
                found.append(process.pid)
        return [pid for pid in found if pid != os.getpid()]

    def wait_gone(self, seconds=120):
        deadline = time.monotonic() + seconds
        while left := self.relatives():
            assert time.monotonic() < deadline, [psutil.Process(pid).cmdline() for pid in left]
            time.sleep(0.1)


@pytest.fixture
def run(tmp_path):
    runs = []

    def start(**how):
        runs.append(Run(tmp_path / "instance", **how))
        return runs[-1]

    yield start
    for one in runs:
        one.process.kill()
        one.process.communicate()
        one.wait_gone()


class TestRun:
    def test_says_that_the_port_is_taken(self, run):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            code, said = run(PORT=str(other.getsockname()[1])).end()
        assert code == 1
        assert "is in use. Choose another" in said
        assert "Traceback" not in said

    def test_says_that_the_database_is_not_there(self, run, tmp_path):
        code, said = run(DATABASE_URL=f"postgresql://nobody@/nothing?host={tmp_path}").end()
        assert code == 1
        assert "The database cannot be used" in said
        assert "Traceback" not in said

    @pytest.fixture
    def refused(self, monkeypatch, tmp_path, capsys):
        """Return a function that runs it with settings, in this process, and gives its message."""

        def refuse(**settings):
            ours = {"INSTANCE_PATH": str(tmp_path / "x"), "PORT": str(free_port())}
            monkeypatch.setattr(os, "environ", environ_for_others() | ours | settings)
            monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process keeps its own
            assert running.main() == 1
            return capsys.readouterr().err

        return refuse

    def test_tells_all_settings_that_are_wrong(self, refused):
        said = refused(PORT="http", CURRENCY="euro")
        assert "PORT:" in said
        assert "CURRENCY:" in said

    def test_refuses_what_is_not_for_production(self, refused):
        said = refused(ENVIRONMENT="production")
        assert "STRIPE_SECRET_KEY: the sandbox is not for production" in said

    def test_says_that_the_instance_cannot_be_written(self, refused, tmp_path):
        (tmp_path / "file").touch()
        assert "Cannot write to" in refused(INSTANCE_PATH=str(tmp_path / "file" / "x"))


@pytest.mark.slow
class TestWholeRun:
    def test_comes_up_twice_stops_on_ctrl_c_and_dies_without_leftovers(self, run):
        first = run(is_measured=False)  # making the demo world would take three times as long
        said = first.wait_up()
        url = f"http://127.0.0.1:{first.port}"
        assert url in said
        assert urlopen(f"{url}/healthz", timeout=60).status == 200
        code, refusal = Run(first.instance).end()
        assert code == 1
        assert "already runs" in refusal
        first.process.send_signal(signal.SIGINT)
        code, said = first.end()
        assert (code, "Traceback" in said) == (0, False)
        assert first.relatives() == []

        second = run()
        second.wait_up()
        second.process.kill()
        second.wait_gone()

    def test_stops_on_sigterm_while_it_starts(self, run):
        one = run()
        deadline = time.monotonic() + 120
        while not (one.instance / "postgres" / "server.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        one.process.terminate()
        code, said = one.end()
        assert (code, "Traceback" in said) == (0, False)
        one.wait_gone()


class TestMake:
    def test_lists_its_commands(self):
        said = subprocess.run(["make", "help"], cwd=CHECKOUT, capture_output=True, text=True).stdout
        for command in ("run", "test", "check", "bench", "golden", "lock", "translations"):
            assert f"make {command} " in said

    def test_says_in_one_line_that_python_is_too_old(self, tmp_path):
        python = tmp_path / "python3"
        python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
        python.chmod(0o755)
        done = subprocess.run(
            ["make", "run", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )
        assert done.returncode != 0
        assert "Python 3.11 or later is needed" in done.stdout
        assert "Python 3.9.2" in done.stdout
        assert len(done.stdout.splitlines()) == 1

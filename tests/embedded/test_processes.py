"""The family that `make run` looks after."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from marketplace.core import processes
from marketplace.core.processes import Family, GaveUp

SLEEPER = (sys.executable, "-c", "import time; time.sleep(300)")
STUBBORN = (
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(1)"
    ),
)


@pytest.fixture
def family(tmp_path):
    family = Family(os.environ, tmp_path)
    yield family
    family.stop()


def is_alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # nobody fetches an orphan
    except psutil.NoSuchProcess:
        return False


def eventually(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return True


class TestFamily:
    def test_starts_a_dead_child_again(self, family):
        child = family.add("sleeper", *SLEEPER)
        first = child.process.pid
        os.kill(first, signal.SIGKILL)
        child.process.wait()

        def is_back():
            family.watch()
            return child.process is not None and child.process.pid != first

        assert eventually(is_back)

    def test_gives_up_a_child_that_keeps_dying_and_tells_its_last_words(self, family, monkeypatch):
        monkeypatch.setattr(processes, "MANY_DEATHS", 2)
        family.add("broken", sys.executable, "-c", "raise SystemExit('no ground to stand on')")
        with pytest.raises(GaveUp, match=r"broken ended 2 times .* no ground to stand on"):
            eventually(family.watch)

    def test_leaves_nobody_behind(self, family, monkeypatch, tmp_path):
        monkeypatch.setattr(processes, "GRACE_SECONDS", 0.2)
        pids = [family.add(name, *SLEEPER).process.pid for name in ("a", "b")]
        pids.append(family.add("stubborn", *STUBBORN).process.pid)
        eventually(lambda: "ready" in (tmp_path / "stubborn.log").read_text())
        family.stop()
        assert not any(map(is_alive, pids))

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel must end orphans")
    def test_dies_with_a_parent_that_is_killed(self, tmp_path):
        source = (
            "import os, sys, time; from marketplace.core.processes import Family\n"
            f"child = Family(os.environ, None).add('sleeper', *{SLEEPER!r})\n"
            "print(child.process.pid, flush=True); time.sleep(300)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", source],
            cwd=processes.CHECKOUT,
            stdout=subprocess.PIPE,
            text=True,
        ) as parent:
            child = int(parent.stdout.readline())
            parent.kill()
        assert eventually(lambda: not is_alive(child))

"""The server of these tests goes with the test that is killed: nothing is left running."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster import CHECKOUT

SOURCE = """
import sys, time
from pathlib import Path
from tests.faults.server import Server
server = Server(Path(sys.argv[1])).make().start()
print(server.process.pid, flush=True)
time.sleep(300)
"""
PATIENCE_SECONDS = 120


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and was not fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel must end orphans")
class TestServer:
    def test_ends_with_a_test_that_is_killed(self, tmp_path):
        with subprocess.Popen(
            [sys.executable, "-c", SOURCE, str(tmp_path / "server")],
            cwd=CHECKOUT, text=True, stdout=subprocess.PIPE, env=os.environ,
        ) as parent:  # fmt: skip
            server = int(parent.stdout.readline())
            assert is_alive(server)
            parent.kill()
        until = time.monotonic() + PATIENCE_SECONDS
        while is_alive(server) and time.monotonic() < until:
            time.sleep(0.1)
        assert not is_alive(server)

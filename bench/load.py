"""Load: many requests for one page, by wrk where it is installed, else by threads of our own."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True)
class Rate:
    """How many operations were done in how many seconds, and how many of them went wrong."""

    done: int
    seconds: float
    failed: int = 0

    @property
    def per_second(self) -> float:
        """Return operations per second."""
        return self.done / self.seconds if self.seconds else 0.0


def drive(port: int, path: str, seconds: float) -> Rate:
    """Ask for a page again and again over eight connections."""
    wrk = shutil.which("wrk")
    return _by_wrk(wrk, port, path, seconds) if wrk else _by_threads(port, path, seconds)


def _by_wrk(wrk: str, port: int, path: str, seconds: float) -> Rate:
    address = f"http://127.0.0.1:{port}{path}"
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    done, took = re.search(r"(\d+) requests in ([\d.]+)s", said).groups()  # type: ignore[union-attr]  # wrk says so
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    return Rate(int(done), float(took), failed)


def _by_threads(port: int, path: str, seconds: float) -> Rate:
    counts, failures = [0] * CONNECTIONS, [0] * CONNECTIONS
    started = time.monotonic()

    def ask(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < started + seconds:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            counts[place] += 1
            failures[place] += answer.status != 200
        connection.close()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Rate(sum(counts), time.monotonic() - started, sum(failures))

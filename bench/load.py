"""Load: many requests for one page, by wrk where it is installed, else by threads of our own."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

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


def drive(port: int, path: str, seconds: float, cookie: str = "") -> Rate:
    """Ask for a page again and again over eight connections.

    Who may be known by a cookie has each page made anew; without one they get those that are kept.
    """
    wrk = shutil.which("wrk")
    by = partial(_by_wrk, wrk) if wrk else _by_threads
    return by(port, path, seconds, {"Cookie": cookie} if cookie else {})


def _by_wrk(wrk: str, port: int, path: str, seconds: float, headers: Mapping[str, str]) -> Rate:
    address = f"http://127.0.0.1:{port}{path}"
    given = [f"-H{name}: {value}" for name, value in headers.items()]
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *given, address]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    done, took = re.search(r"(\d+) requests in ([\d.]+)s", said).groups()  # type: ignore[union-attr]  # wrk says so
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    return Rate(int(done), float(took), failed)


def _by_threads(port: int, path: str, seconds: float, headers: Mapping[str, str]) -> Rate:
    counts, failures = [0] * CONNECTIONS, [0] * CONNECTIONS
    started = time.monotonic()

    def ask(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < started + seconds:
            connection.request("GET", path, headers=headers)
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

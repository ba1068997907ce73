"""A whole marketplace, started as `make run` does, for a browser to visit."""

import re
import signal
import socket
import subprocess
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.request import urlopen

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from tests import cluster

UP_SECONDS = 400  # a machine may do much else meanwhile
DOWN_SECONDS = 120
LETTER_SECONDS = 60


MAIL_DOMAIN = "in.causeway.example"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PostOffice:
    """A mail server on a real socket; it keeps what it is handed, a file for each letter."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, port = folder, free_port()
        self.url = f"smtp://127.0.0.1:{port}"
        self.server = Controller(self, hostname="127.0.0.1", port=port)
        self.server.start()

    async def handle_DATA(  # the library's name
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        """Keep a letter; one that is sent again replaces the first."""
        content = envelope.content
        assert isinstance(content, bytes)
        known = message_from_bytes(content, policy=policy.default)["Message-ID"]
        name = re.sub(r"[^A-Za-z0-9.-]", "", known)
        draft = self.folder / f"{name}.tmp"
        draft.write_bytes(content)
        draft.replace(self.folder / f"{name}.eml")
        return "250 OK"

    def close(self) -> None:
        """Stop."""
        self.server.stop()


class Site:
    """One running marketplace with the demo world in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dsn = cluster.demo_dsn(folder / "instance", "site")
        self.port, self.sandbox_port = _neighbours()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = folder / "output.txt"
        self.post = PostOffice(folder / "mail")
        self.mail_port = free_port()
        self.environ = cluster.environ_for_others() | {
            "DATABASE_URL": self.dsn,
            "INSTANCE_PATH": str(folder / "instance"),
            "MAIL_URL": self.post.url,
            "MAIL_DOMAIN": MAIL_DOMAIN,
            "MAIL_LISTEN": f"127.0.0.1:{self.mail_port}",
            "OUTGOING_TO_PRIVATE": "1",  # other servers of a test are on this machine
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "ENVIRONMENT": "development",
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "marketplace.run"],
                cwd=cluster.CHECKOUT,
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_up(self) -> None:
        """Return when the site answers and has told the sign-ins; fail with its output else."""
        deadline = time.monotonic() + UP_SECONDS
        while "Ctrl-C stops it" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the site did not come up:\n{self.said()}")
            time.sleep(0.1)
        urlopen(f"{self.url}/readyz", timeout=60).close()

    def said(self) -> str:
        """Return what it printed."""
        return self.output.read_text(errors="replace")

    def letters(self) -> list[EmailMessage]:
        """Return the letters that it sent, the oldest first."""
        files = (self.folder / "mail").glob("*.eml")
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(files, key=lambda path: path.stat().st_mtime)
        ]

    def sends(self, text: str) -> bool:
        """Tell whether a letter that says a text has left, or leaves within a while."""
        deadline = time.monotonic() + LETTER_SECONDS
        while time.monotonic() < deadline:
            if any(text in _words(letter) for letter in self.letters()):
                return True
            time.sleep(0.1)
        return False

    def link_in_letter(self, email: str, path: str) -> str:
        """Return the first link under a path in a letter to somebody, once it has left."""
        deadline = time.monotonic() + LETTER_SECONDS
        while time.monotonic() < deadline:
            for letter in self.letters():
                found = re.search(rf"{self.url}\S*{path}[\w.-]+", _words(letter))
                if email in letter["To"] and found:
                    return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no letter to {email} with {path}")

    def command(self, *words: str) -> tuple[int, str]:
        """Run one of the `flask` commands beside it; returns the exit code and what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            check=False,
            cwd=cluster.CHECKOUT,
            env=self.environ,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    def stop(self) -> int:
        """Stop it as Ctrl-C does; returns its exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(DOWN_SECONDS)
        finally:
            self.post.close()


def _words(letter: EmailMessage) -> str:
    body = letter.get_body(("plain", "html"))
    return f"{letter['Subject']}\n{body.get_content() if body else ''}"


def _neighbours() -> tuple[int, int]:
    """Two free ports side by side: the site's and the sandbox's."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port, port + 1

"""A mail server that really listens, and keeps what it is handed."""

import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from marketplace.core import mail


class Box:
    """A mail server's answers; it keeps what it was handed."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        """Keep a letter."""
        self.letters.append(envelope.original_content or b"")
        return "250 Kept"


@pytest.fixture
def box():
    """Return a mail server that listens on this machine."""
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.address = free.getsockname()
    server = Controller(box, hostname=box.address[0], port=box.address[1])
    server.start()
    yield box
    server.stop()


@pytest.fixture
def over_smtp(app, box, monkeypatch):
    """Have this app's letters travel over that server."""
    host, port = box.address
    monkeypatch.setitem(app.extensions, "post", mail.make_post(f"smtp://{host}:{port}"))
    return box

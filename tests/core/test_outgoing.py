"""Requests to addresses that strangers name: none of them reaches what is private."""

import socket
import threading
import time

import pytest

from marketplace.core import outgoing
from marketplace.core.outgoing import Limits, Refused, Unreachable
from tests.federation.remote import Server


@pytest.fixture
def server():
    running = Server()
    yield running
    running.close()


def none(_target):
    return {}


class TestTarget:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "https://",
            "https:///x",
            "https://user@example.org/",
            "https://user:secret@example.org/",
            "https://example.org:8443/",
            "https://example.org:0/",
            "https://example.org:99999/",
            "https://[::1",
            "https://exa mple.org/",
            "https://example.org/\r\nX: y",
            "https://exämple.org/",
            "https://example.org/" + "x" * 3_000,
            "https://localhost/",
            "https://printer.local/",
            "https://db.internal/",
            "https://social.example/",
            "https://x.home.arpa/",
            "",
        ],
    )
    def test_is_refused_where_it_is_none_of_the_internets(self, url):
        with pytest.raises(Refused):
            outgoing.read_target(url)

    def test_is_taken_apart(self):
        target = outgoing.read_target("https://Example.org/a?b=c#d")
        assert (target.host, target.port, target.path) == ("example.org", 443, "/a?b=c")
        assert target.authority == "example.org"
        assert outgoing.read_target("https://[2001:db8::1]/").authority == "[2001:db8::1]"

    def test_may_be_anything_on_ones_own_machine(self):
        target = outgoing.read_target("http://localhost:8117", to_private=True)
        assert (target.authority, target.path) == ("localhost:8117", "/")


class TestAddress:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "2001:db8::1",
            "not an address",
        ],
    )
    def test_is_not_public(self, address):
        assert not outgoing.is_public(address)

    @pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::5db8:d70e"])
    def test_is_public(self, address):
        assert outgoing.is_public(address)


class TestResolve:
    def resolved(self, monkeypatch, *addresses):
        rows = [(0, 0, 0, "", (address, 443)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: rows)
        return outgoing.resolve(outgoing.read_target("https://social.example.org/"))

    def test_returns_what_it_looked_at(self, monkeypatch):
        assert self.resolved(monkeypatch, "93.184.215.14") == "93.184.215.14"

    def test_refuses_a_name_that_also_has_a_private_address(self, monkeypatch):
        with pytest.raises(Refused, match="public"):
            self.resolved(monkeypatch, "93.184.215.14", "10.0.0.1")

    def test_knows_names_that_nobody_has(self, monkeypatch):
        with pytest.raises(Unreachable):
            self.resolved(monkeypatch)

    def test_reads_numbers_as_the_addresses_that_they_are(self):
        for url in ("https://2130706433/", "https://0x7f.1/", "https://127.1/"):
            with pytest.raises((Refused, Unreachable)):
                outgoing.resolve(outgoing.read_target(url))


class TestSend:
    def test_goes_to_nobody_private(self, server):
        with pytest.raises(Refused):
            outgoing.send("GET", f"http://{server.host}/", headers={})
        with pytest.raises(Refused):
            outgoing.send("GET", "https://127.0.0.1/", headers={})
        assert server.asked == []

    def test_connects_to_the_address_that_was_looked_at(self, server, monkeypatch):
        """A name that points elsewhere a moment later changes nothing."""
        real, asked = socket.getaddrinfo, []

        def rebinding(host, *rest, **more):
            if host == "social.example.org":
                asked.append(host)
                return real("127.0.0.1" if len(asked) == 1 else "127.0.0.99", *rest, **more)
            return real(host, *rest, **more)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        port = server.host.partition(":")[2]
        server.answers["/"] = (200, "text/plain", b"here", {})
        url = f"http://social.example.org:{port}/"
        answer = outgoing.send("GET", url, headers={}, to_private=True)
        assert (answer.status, answer.body, len(asked)) == (200, b"here", 1)
        assert server.asked[0][1]["Host"] == f"social.example.org:{port}"

    def test_reads_no_more_than_it_has_to(self, server):
        server.answers["/"] = (200, "text/plain", b"x" * 2_000, {})
        with pytest.raises(Refused, match="large"):
            outgoing.send(
                "GET",
                f"http://{server.host}/",
                headers={},
                limits=Limits(most_bytes=1_000),
                to_private=True,
            )

    def test_takes_nothing_that_unfolds(self, server):
        server.answers["/"] = (200, "text/plain", b"x", {"Content-Encoding": "gzip"})
        with pytest.raises(Refused, match="encoded"):
            outgoing.send("GET", f"http://{server.host}/", headers={}, to_private=True)

    def test_sends_no_header_that_breaks_out(self, server):
        with pytest.raises(Refused):
            outgoing.send(
                "GET", f"http://{server.host}/", headers={"x": "a\r\nb: c"}, to_private=True
            )

    def test_does_not_wait_for_who_drips(self):
        listening = socket.create_server(("127.0.0.1", 0))
        stop = threading.Event()

        def drip() -> None:
            connection, _from = listening.accept()
            with connection:
                connection.recv(1_000)
                try:
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    while not stop.wait(0.05):
                        connection.sendall(b"X-Drop: 1\r\n")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        began = time.monotonic()
        try:
            with pytest.raises(Unreachable):
                outgoing.send(
                    "GET",
                    f"http://127.0.0.1:{listening.getsockname()[1]}/",
                    headers={},
                    limits=Limits(seconds=0.4),
                    to_private=True,
                )
        finally:
            stop.set()
            dripping.join(60)
            listening.close()
        assert time.monotonic() - began < 30

    def test_says_that_nobody_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with pytest.raises(Unreachable):
            outgoing.send("GET", f"http://127.0.0.1:{port}/", headers={}, to_private=True)


class TestGet:
    def test_goes_along_with_a_redirect(self, server):
        server.answers["/a"] = (302, "text/plain", b"", {"Location": "/b"})
        server.answers["/b"] = (200, "text/plain", b"there", {})
        answer = outgoing.get(f"http://{server.host}/a", headers_for=none, to_private=True)
        assert answer.body == b"there"

    def test_looks_at_each_address(self, server):
        for place in ("file:///etc/passwd", "gopher://127.0.0.1/", "//user@127.0.0.1/"):
            server.answers["/a"] = (302, "text/plain", b"", {"Location": place})
            with pytest.raises(Refused):
                outgoing.get(f"http://{server.host}/a", headers_for=none, to_private=True)

    def test_is_not_sent_in_circles(self, server):
        server.answers["/a"] = (302, "text/plain", b"", {"Location": "/a"})
        with pytest.raises(Unreachable, match="redirects"):
            outgoing.get(f"http://{server.host}/a", headers_for=none, to_private=True)
        assert len(server.asked) == outgoing.MOST_REDIRECTS + 1

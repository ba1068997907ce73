"""Requests to addresses that strangers name: only to public ones, and never for long.

Whoever names an address could name one inside our own network, redirect us there, let a name point
there between our check and our call, or never end an answer. So a name is resolved once, every
address it has is looked at, the connection goes to the one that was looked at, and time and size
are bounded.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urljoin, urlsplit

LONGEST_URL = 2_000
MOST_REDIRECTS = 2
CONNECT_SECONDS = 5.0
REDIRECTS = {301, 302, 303, 307, 308}
RESERVED = ("example", "invalid", "test", "localhost", "local", "internal", "onion", "home.arpa")
"""Names that no public host has (RFC 2606, 6761, 6762, 7686, 8375)."""
_PLAIN = re.compile(r"[\x21-\x7e]+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Method = Literal["GET", "POST"]
Headers = Mapping[str, str]


class OutgoingError(Exception):
    """A request was not answered."""


class Refused(OutgoingError):
    """We do not send it: the address is not a public one, or makes no sense. It never will be."""


class Unreachable(OutgoingError):
    """Nobody answered in time, or not in HTTP. Later somebody may."""


@dataclass(frozen=True)
class Limits:
    """How much of somebody's answer we wait for."""

    seconds: float = 10.0
    """From the first byte sent to the last one read."""
    most_bytes: int = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back, whatever the status; names of headers are in small letters."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Target:
    """Where a request goes: a URL taken apart."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """Return what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


LIMITS = Limits()


def read_target(url: str, *, to_private: bool = False) -> Target:
    """Take a URL apart: `https:` on its own port, to a name that may be public.

    `to_private` is for trying out two installations on one machine: any port, `http:`, any name.

    :raises Refused: it is none of these.
    """
    if len(url) > LONGEST_URL or not _PLAIN.fullmatch(url):
        raise Refused("not an address")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise Refused("not an address") from None
    if parts.scheme not in ("https", *(["http"] if to_private else [])):
        raise Refused("not https")
    if not host or parts.username is not None or parts.password is not None:
        raise Refused("not an address")
    usual = 443 if parts.scheme == "https" else 80
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(url, parts.scheme, host, usual if port is None else port, path)
    if not to_private and target.port != usual:
        raise Refused("not the usual port")
    if not to_private and (host.rpartition(".")[2] in RESERVED or host.endswith(".home.arpa")):
        raise Refused("no public name")
    return target


def is_public(address: str) -> bool:
    """Say whether an IP address can be somebody's on the internet, also one inside another."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if found.teredo is not None:
            return False
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not (found.is_multicast or found.is_reserved)


def resolve(target: Target, *, to_private: bool = False) -> str:
    """Return the address to connect to. A name that has also a private one is refused.

    :raises Refused: it leads, or may lead, into a private network.
    :raises Unreachable: there is no such name.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("no such name") from None
    addresses = [str(row[4][0]) for row in found]
    if not addresses:
        raise Unreachable("no such name")
    if not to_private and not all(map(is_public, addresses)):
        raise Refused("not a public address")
    return addresses[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked at, under the name that was asked for."""

    def __init__(self, target: Target, address: str, seconds: float) -> None:
        super().__init__(target.host, target.port, timeout=min(seconds, CONNECT_SECONDS))
        self.target, self.address = target, address
        self.is_cut = False

    def connect(self) -> None:
        """Connect to the address; the certificate has to be the name's."""
        plain = socket.create_connection((self.address, self.target.port), self.timeout)
        self.sock = plain
        if self.target.scheme == "https":
            self.sock = _tls().wrap_socket(plain, server_hostname=self.target.host)

    def cut(self) -> None:
        """End it, whatever it is about; who waits for it finds that it has ended."""
        self.is_cut = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def send(
    method: Method,
    url: str,
    *,
    headers: Headers,
    body: bytes | None = None,
    limits: Limits = LIMITS,
    to_private: bool = False,
) -> Answer:
    """Send one request; a redirect is an answer like others.

    :raises Refused: the address is not one we send to, or the answer is larger than allowed.
    :raises Unreachable: nobody answered in time.
    """
    target = read_target(url, to_private=to_private)
    connection = _Pinned(target, resolve(target, to_private=to_private), limits.seconds)
    watch = threading.Timer(limits.seconds, connection.cut)
    watch.daemon = True
    watch.start()
    given = {"Host": target.authority, "Accept-Encoding": "identity", **headers}
    try:
        connection.request(method, target.path, body=body, headers=given)
        answer = connection.getresponse()
        read = answer.read(limits.most_bytes + 1)
        known = {name.lower(): value for name, value in answer.getheaders()}
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(type(error).__name__) from None
    except ValueError:
        raise Refused("not a request") from None
    finally:
        watch.cancel()
        connection.close()
    if connection.is_cut:
        raise Unreachable("took too long")
    if len(read) > limits.most_bytes:
        raise Refused("too large")
    if known.get("content-encoding", "identity") != "identity":
        raise Refused("encoded")
    return Answer(answer.status, known, read)


def get(
    url: str,
    *,
    headers_for: Callable[[Target], Headers],
    limits: Limits = LIMITS,
    to_private: bool = False,
) -> Answer:
    """Ask for something, and go along with few redirects, each looked at like the first address.

    `headers_for` makes the headers of each request: a signature is of one address only.

    :raises Refused: one of the addresses is not one we send to, or the answer is too large.
    :raises Unreachable: nobody answered in time, or they send us in circles.
    """
    for _hop in range(MOST_REDIRECTS + 1):
        target = read_target(url, to_private=to_private)
        answer = send("GET", url, headers=headers_for(target), limits=limits, to_private=to_private)
        if answer.status not in REDIRECTS:
            return answer
        url = urljoin(url, answer.headers.get("location", ""))
    raise Unreachable("too many redirects")

"""Somebody elsewhere, written apart from the product: their key, their signatures, their server.

What signs and checks here shares no line with `marketplace.federation`, so that a mistake in one is
not made by the other, too.
"""

import base64
import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

AS2 = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS2}#Public"
KIND = "application/activity+json"


class Remote:
    """A person on a server; `host` is where it is, with the port."""

    def __init__(self, host: str = "social.example.org", name: str = "ada", scheme: str = "https"):
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self.host, self.name = host, name
        self.base = f"{scheme}://{host}"
        self.uri = f"{self.base}/users/{name}"
        self.key_id = f"{self.uri}#main-key"

    @property
    def pem(self) -> str:
        """Return the public key."""
        return (
            self.key.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def document(self, **other: Any) -> dict[str, Any]:
        """Return who they are."""
        return {
            "@context": [AS2, "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "name": f"{self.name.title()} <b>Elsewhere</b>",
            "url": f"{self.base}/@{self.name}",
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "endpoints": {"sharedInbox": f"{self.base}/inbox"},
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": self.pem},
            **other,
        }

    def activity(self, kind: str, thing: Any, number: object = 1, **other: Any) -> dict[str, Any]:
        """Return something they did."""
        return {
            "@context": AS2,
            "id": f"{self.base}/activities/{kind.lower()}-{number}",
            "type": kind,
            "actor": self.uri,
            "object": thing,
            **other,
        }

    def reply(self, to: str, number: object = 1, /, **other: Any) -> dict[str, Any]:
        """Return a post that answers to another."""
        return {
            "id": f"{self.base}/posts/{number}",
            "type": "Note",
            "attributedTo": self.uri,
            "inReplyTo": to,
            "content": "<p>Well done!</p>",
            "published": "2026-03-12T10:00:00Z",
            "to": [PUBLIC],
            "url": f"{self.base}/@{self.name}/{number}",
            **other,
        }

    def headers(
        self,
        method: str,
        path: str,
        host: str,
        body: bytes | None = None,
        /,
        *,
        at: datetime | None = None,
        late: timedelta = timedelta(0),
        **changed: str,
    ) -> dict[str, str]:
        """Return the headers of a signed request; `changed` replaces some after signing."""
        moment = (at or datetime.now(UTC)) - late
        given = {"host": host, "date": format_datetime(moment, usegmt=True)}
        if body is not None:
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            given |= {"digest": f"SHA-256={digest}", "content-type": KIND}
        names = ["(request-target)", *given]
        lines = [f"(request-target): {method.lower()} {path}"]
        lines += [f"{name}: {value}" for name, value in given.items()]
        signed = self.key.sign("\n".join(lines).encode(), padding.PKCS1v15(), hashes.SHA256())
        given["signature"] = (
            f'keyId="{changed.pop("key_id", self.key_id)}",algorithm="rsa-sha256",'
            f'headers="{" ".join(names)}",signature="{base64.b64encode(signed).decode()}"'
        )
        return given | changed


def is_signed(handler: BaseHTTPRequestHandler, body: bytes, pem: str) -> bool:
    """Say whether a request that came is signed with this key, all of it."""
    parts = dict(
        part.split("=", 1) for part in handler.headers["Signature"].replace('"', "").split(",")
    )
    lines = []
    for name in parts["headers"].split():
        if name == "(request-target)":
            lines.append(f"{name}: {handler.command.lower()} {handler.path}")
        else:
            lines.append(f"{name}: {handler.headers[name]}")
    if body:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if handler.headers["Digest"] != f"SHA-256={digest}" or "digest" not in parts["headers"]:
            return False
    key = serialization.load_pem_public_key(pem.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(
        base64.b64decode(parts["signature"]),
        "\n".join(lines).encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )
    return True


class Server:
    """A server of one person, on a real socket; what it is sent is kept in `came`."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], dict[str, Any], bytes, str]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, tuple[int, str, bytes, dict[str, str]]] = {}
        self.status = 202
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, dict(self.headers)))
                status, kind, body, more = outer.answers.get(
                    self.path, (404, "text/plain", b"", {})
                )
                self.send_response(status)
                for name, value in ({"Content-Type": kind} | more).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                names = {name.lower(): value for name, value in self.headers.items()}
                outer.came.append((names, json.loads(body), body, self.path))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.http.server_address[1]}"
        self.person = Remote(self.host, scheme="http")
        self.describe(self.person)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def describe(self, person: Remote, **other: Any) -> None:
        """Answer who somebody is."""
        path = person.uri.removeprefix(person.base)
        body = json.dumps(person.document(**other)).encode()
        self.answers[path] = (200, f"{KIND}; charset=utf-8", body, {})

    def close(self) -> None:
        """Stop."""
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)

"""HTTP signatures as Mastodon speaks them (draft-cavage-http-signatures-12)."""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256, sha512

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

CLOCKS_DIFFER = timedelta(hours=1)
"""A signature may be from so far ahead: clocks of others go wrong."""
STAYS_FRESH = timedelta(hours=12)
"""And be so old: what could not be delivered is sent again as it was by some."""
SMALLEST_KEY_BITS = 2048
LARGEST_KEY_BITS = 8192
LONGEST_HEADER = 4_096
_PARAMETER = re.compile(r'\s*([a-zA-Z]+)=(?:"([^"\\]*)"|(\d+))\s*(?:,|$)')


class BadSignature(Exception):
    """Nobody whom we could name signed this, or not this; the text says what is wrong."""


@dataclass(frozen=True)
class Request:
    """What was signed: header names in small letters, the path with its query."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Signature:
    """What a Signature header says."""

    key_id: str
    algorithm: str
    covered: Sequence[str]
    """Names of headers, and `(request-target)`, `(created)`, `(expires)`, in this order."""
    signature: bytes
    created: int | None = None
    expires: int | None = None


def parse(header: str) -> Signature:
    """Read a Signature header.

    :raises BadSignature: it is not one.
    """
    if len(header) > LONGEST_HEADER:
        raise BadSignature("the header is too long")
    found: dict[str, str] = {}
    place = 0
    while place < len(header):
        part = _PARAMETER.match(header, place)
        if part is None or part[1] in found:
            raise BadSignature("the header cannot be read")
        found[part[1]] = part[3] if part[2] is None else part[2]
        place = part.end()
    try:
        return Signature(
            key_id=found["keyId"],
            algorithm=found.get("algorithm", "hs2019").lower(),
            covered=found.get("headers", "date").lower().split(),
            signature=base64.b64decode(found["signature"], validate=True),
            created=int(found["created"]) if "created" in found else None,
            expires=int(found["expires"]) if "expires" in found else None,
        )
    except (KeyError, ValueError, binascii.Error):
        raise BadSignature("the header cannot be read") from None


def signing_string(request: Request, signature: Signature) -> bytes:
    """Return what the signature is of.

    :raises BadSignature: a header that it covers is not there.
    """
    lines = []
    for name in signature.covered:
        value: str | int | None
        if name == "(request-target)":
            value = f"{request.method.lower()} {request.path}"
        elif name in ("(created)", "(expires)"):
            value = signature.created if name == "(created)" else signature.expires
        else:
            value = request.headers.get(name)
        if value is None:
            raise BadSignature(f"{name} is signed and missing")
        lines.append(f"{name}: {value}")
    return "\n".join(lines).encode()


def check_cover(signature: Signature, *, has_body: bool) -> None:
    """See that a signature is of all that matters.

    :raises BadSignature: it would fit another request, too.
    """
    needed = {"(request-target)", "host"} | ({"digest"} if has_body else set())
    missing = needed - set(signature.covered)
    if missing:
        raise BadSignature(f"{', '.join(sorted(missing))} not signed")
    if not {"date", "(created)"} & set(signature.covered):
        raise BadSignature("no moment signed")


def check_moment(request: Request, signature: Signature, *, now: datetime) -> None:
    """See that a signature is neither old nor from a time to come.

    :raises BadSignature: it is, or its moment cannot be read.
    """
    if "(created)" in signature.covered:
        moment = _from_seconds(signature.created or 0)
    else:
        moment = read_date(request.headers.get("date", ""))
    if not now - STAYS_FRESH <= moment <= now + CLOCKS_DIFFER:
        raise BadSignature("too old, or from a time to come")
    if signature.expires is not None and _from_seconds(signature.expires) + CLOCKS_DIFFER < now:
        raise BadSignature("it has expired")


def _from_seconds(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise BadSignature("its moment cannot be read") from None


def read_date(text: str) -> datetime:
    """Return the moment of a Date header.

    :raises BadSignature: it has none.
    """
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise BadSignature("its moment cannot be read") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_HASHES = {"sha-256": sha256, "sha-512": sha512}


def digest_of(body: bytes) -> str:
    """Return the Digest header of a body (RFC 3230)."""
    return f"SHA-256={base64.b64encode(sha256(body).digest()).decode()}"


def check_digest(header: str, body: bytes) -> None:
    """See that a body is the one that its Digest header is of.

    :raises BadSignature: it is not, or the header names no hash that we know.
    """
    known = False
    for part in header.split(","):
        name, _equals, value = part.strip().partition("=")
        make = _HASHES.get(name.lower())
        if make is None:
            continue
        known = True
        expected = base64.b64encode(make(body).digest()).decode()
        if not hmac.compare_digest(value.encode(), expected.encode()):
            raise BadSignature("the digest is of another body")
    if not known:
        raise BadSignature("no digest that we know")


PublicKey = RSAPublicKey | Ed25519PublicKey


def read_key(pem: str) -> PublicKey:
    """Return a public key.

    :raises BadSignature: it is none, of a kind that we do not use, or too small to be one.
    """
    try:
        key = serialization.load_pem_public_key(pem.strip().encode())
    except (ValueError, UnsupportedAlgorithm, TypeError):
        raise BadSignature("the key cannot be read") from None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise BadSignature("a key of another kind")
    return key


def check_strength(key: PublicKey) -> None:
    """See that a key is neither too small to be safe nor so large that checking takes long.

    :raises BadSignature: it is.
    """
    if isinstance(key, RSAPublicKey) and not (
        SMALLEST_KEY_BITS <= key.key_size <= LARGEST_KEY_BITS
    ):
        raise BadSignature("the key is too small or too large")


def verify(request: Request, signature: Signature, key: PublicKey) -> None:
    """See that the owner of a key signed a request.

    :raises BadSignature: they did not.
    """
    text = signing_string(request, signature)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature.signature, text)
        elif signature.algorithm in ("rsa-sha256", "hs2019"):
            key.verify(signature.signature, text, padding.PKCS1v15(), hashes.SHA256())
        elif signature.algorithm == "rsa-sha512":
            key.verify(signature.signature, text, padding.PKCS1v15(), hashes.SHA512())
        else:
            raise BadSignature("an algorithm that we do not know")
    except InvalidSignature:
        raise BadSignature("the signature does not fit") from None


def sign(
    request: Request, *, key_id: str, key: RSAPrivateKey, body: bytes | None, now: datetime
) -> dict[str, str]:
    """Return the headers to add to a request, which has its Host, so that others know whose it is.

    :param body: what is sent; None for a request without one.
    """
    added = {"date": format_datetime(now.astimezone(UTC), usegmt=True)}
    covered = ["(request-target)", "host", "date"]
    if body is not None:
        added["digest"] = digest_of(body)
        covered += ["digest", "content-type"]
    whole = Request(request.method, request.path, {**request.headers, **added})
    draft = Signature(key_id, "rsa-sha256", covered, b"")
    made = key.sign(signing_string(whole, draft), padding.PKCS1v15(), hashes.SHA256())
    added["signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(covered)}",'
        f'signature="{base64.b64encode(made).decode()}"'
    )
    return added

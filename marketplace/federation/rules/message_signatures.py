"""HTTP Message Signatures (RFC 9421), which some servers send instead of the older kind."""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256, sha512

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from marketplace.federation.rules import signatures
from marketplace.federation.rules.signatures import (
    LONGEST_HEADER,
    BadSignature,
    PublicKey,
    Request,
    Signature,
)

_INPUT = re.compile(
    r"\s*([a-z*][a-z0-9_.*-]*)="
    r'(\((?:"[^"\\]*"(?: |(?=\))))*\)((?:;[^,";]*(?:"[^"\\]*")?)*))'
)
_PARAMETER = re.compile(r';([a-z*][a-z0-9_.*-]*)=(?:"([^"\\]*)"|(-?\d{1,15}))')
_BYTES = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):")
_HASHES = {"sha-256": sha256, "sha-512": sha512}
RSA_PSS_SALT_BYTES = 64
DERIVED = ("@method", "@path", "@query", "@authority", "@target-uri", "@scheme")


@dataclass(frozen=True)
class MessageSignature(Signature):
    """What Signature-Input and Signature say of one signature."""

    params: str = ""
    """As they came: they are signed, too."""


def parse(said: str, given: str) -> MessageSignature:
    """Read the first signature of the headers Signature-Input and Signature.

    :raises BadSignature: there is none.
    """
    if len(said) > LONGEST_HEADER or len(given) > LONGEST_HEADER:
        raise BadSignature("the header is too long")
    found, made = _INPUT.match(said), _BYTES.match(given)
    if found is None or made is None or found[1] != made[1]:
        raise BadSignature("the header cannot be read")
    named = {name: text or number for name, text, number in _PARAMETER.findall(found[3])}
    try:
        return MessageSignature(
            key_id=named["keyid"],
            algorithm=named.get("alg", ""),
            covered=re.findall(r'"([^"]*)"', found[2].partition(")")[0]),
            signature=base64.b64decode(made[2], validate=True),
            created=int(named["created"]),
            expires=int(named["expires"]) if "expires" in named else None,
            params=found[2],
        )
    except (KeyError, ValueError):
        raise BadSignature("the header cannot be read") from None


def signature_base(request: Request, signature: MessageSignature, *, scheme: str) -> bytes:
    """Return what the signature is of (section 2.5).

    :raises BadSignature: something that it covers is not there, or not known to us.
    """
    path, _mark, query = request.path.partition("?")
    authority = request.headers.get("host", "").lower()
    known = {
        "@method": request.method.upper(),
        "@path": path,
        "@query": f"?{query}",
        "@authority": authority,
        "@target-uri": f"{scheme}://{authority}{request.path}",
        "@scheme": scheme,
    }
    lines = []
    for name in signature.covered:
        value = known.get(name) if name.startswith("@") else request.headers.get(name)
        if value is None:
            raise BadSignature(f"{name} is signed and missing")
        lines.append(f'"{name}": {value.strip()}')
    lines.append(f'"@signature-params": {signature.params}')
    return "\n".join(lines).encode()


def check_cover(covered: Sequence[str]) -> None:
    """See that a signature is of all that matters.

    :raises BadSignature: it would fit another request, too.
    """
    names = set(covered)
    where = {"@target-uri"} <= names or {"@authority", "@path"} <= names
    if len(names) != len(covered) or not where or not {"@method", "content-digest"} <= names:
        raise BadSignature("not all that matters is signed")


def check_moment(signature: MessageSignature, *, now: datetime) -> None:
    """See that a signature is neither old nor from a time to come.

    :raises BadSignature: it is.
    """
    dated = Signature(
        signature.key_id, "", ["(created)"], b"", signature.created, signature.expires
    )
    signatures.check_moment(Request("", "", {}), dated, now=now)


def check_digest(header: str, body: bytes) -> None:
    """See that a body is the one that its Content-Digest header is of (RFC 9530).

    :raises BadSignature: it is not, or the header names no hash that we know.
    """
    is_known = False
    for part in header.split(","):
        found = _BYTES.fullmatch(part.rstrip())
        make = _HASHES.get(found[1]) if found else None
        if found is None or make is None:
            continue
        is_known = True
        expected = base64.b64encode(make(body).digest()).decode()
        if not hmac.compare_digest(found[2].encode(), expected.encode()):
            raise BadSignature("the digest is of another body")
    if not is_known:
        raise BadSignature("no digest that we know")


def verify(request: Request, signature: MessageSignature, key: PublicKey, *, scheme: str) -> None:
    """See that the owner of a key signed a request; the key says by which algorithms.

    :raises BadSignature: they did not.
    """
    text = signature_base(request, signature, scheme=scheme)
    try:
        if not isinstance(key, RSAPublicKey):
            key.verify(signature.signature, text)
        elif signature.algorithm == "rsa-pss-sha512":
            pss = padding.PSS(padding.MGF1(hashes.SHA512()), RSA_PSS_SALT_BYTES)
            key.verify(signature.signature, text, pss, hashes.SHA512())
        elif signature.algorithm in ("", "rsa-v1_5-sha256"):
            key.verify(signature.signature, text, padding.PKCS1v15(), hashes.SHA256())
        else:
            raise BadSignature("an algorithm that we do not know")
    except InvalidSignature:
        raise BadSignature("the signature does not fit") from None


def read(headers: Mapping[str, str]) -> MessageSignature | None:
    """Return the signature of a request of this kind; None for one that has none.

    :raises BadSignature: it cannot be read.
    """
    if "signature-input" not in headers:
        return None
    return parse(headers["signature-input"], headers.get("signature", ""))

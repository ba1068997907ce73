"""Whether a request is what its signer meant, in the order in which it costs least."""

from collections.abc import Mapping
from datetime import datetime

from marketplace.federation.rules import message_signatures, signatures
from marketplace.federation.rules.message_signatures import MessageSignature
from marketplace.federation.rules.signatures import BadSignature, Request, Signature

KEPT_HEADERS = (
    *("host", "date", "digest", "content-digest", "content-type", "content-length"),
    *("signature", "signature-input", "user-agent", "accept"),
)
"""What a signature may be of; nothing else of a request is looked at."""


def check_request(request: Request, body: bytes, *, host: str, now: datetime) -> Signature:
    """See that a request is fresh, meant for us, and of this body; return what to verify.

    :raises BadSignature: it is not.
    """
    if request.headers.get("host", "").lower() != host:
        raise BadSignature("meant for another host")
    newer = message_signatures.read(request.headers)
    if newer is not None:
        message_signatures.check_cover(newer.covered)
        message_signatures.check_moment(newer, now=now)
        message_signatures.check_digest(request.headers.get("content-digest", ""), body)
        return newer
    signature = signatures.parse(request.headers.get("signature", ""))
    signatures.check_cover(signature, has_body=True)
    signatures.check_moment(request, signature, now=now)
    signatures.check_digest(request.headers.get("digest", ""), body)
    return signature


def check_signed(
    request: Request, body: bytes, keys: Mapping[str, str], *, base: str, now: datetime
) -> bytes:
    """See that the owner of one of these keys signed a request; return the signature.

    :param base: where we are reached, without a path.
    :raises BadSignature: they did not.
    """
    scheme, _mark, host = base.partition("://")
    signature = check_request(request, body, host=host.lower(), now=now)
    pem = keys.get(signature.key_id)
    if pem is None:
        raise BadSignature("a key that is not theirs")
    key = signatures.read_key(pem)
    signatures.check_strength(key)
    if isinstance(signature, MessageSignature):
        message_signatures.verify(request, signature, key, scheme=scheme)
    else:
        signatures.verify(request, signature, key)
    return signature.signature

"""Personal addresses to write to, and links to publish what came: signed, so that none is guessed.

The first part of an address may have 64 characters and come back in other letters of case
(RFC 5321, 4.5.3.1.1 and 2.4); so it is base32 of the row's id and of a signature of 80 bits.
"""

import base64
import binascii
import hmac
import uuid
from datetime import timedelta
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeTimedSerializer

PREFIX = "update+"
SIGNED_BYTES = 10
VALID_FOR = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=180)
"""An address that a letter names is valid for at least so long."""
LINK_VALID_FOR = timedelta(days=14)


def local_part(secret: str, address_id: uuid.UUID) -> str:
    """Return what stands before the @."""
    signed = address_id.bytes + _sign(secret, address_id)
    return PREFIX + base64.b32encode(signed).decode().rstrip("=").lower()


def read_local_part(secret: str, text: str) -> uuid.UUID | None:
    """Return which address is meant; None for what we did not sign."""
    text = text.lower()
    if not text.startswith(PREFIX) or len(text) > 64:
        return None
    coded = text.removeprefix(PREFIX).upper()
    try:
        signed = base64.b32decode(coded + "=" * (-len(coded) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(signed) != 16 + SIGNED_BYTES:
        return None
    address_id = uuid.UUID(bytes=signed[:16])
    return address_id if hmac.compare_digest(signed[16:], _sign(secret, address_id)) else None


def _sign(secret: str, address_id: uuid.UUID) -> bytes:
    key = f"writing-address|{secret}".encode()
    return hmac.new(key, address_id.bytes, sha256).digest()[:SIGNED_BYTES]


def publish_token(secret: str, draft_id: uuid.UUID) -> str:
    """Return what a letter's link holds that publishes a draft."""
    return str(_signer(secret).dumps(str(draft_id)))


def read_publish_token(secret: str, token: str) -> uuid.UUID | None:
    """Return which draft is meant; None for a token that is forged or too old."""
    try:
        return uuid.UUID(_signer(secret).loads(token, int(LINK_VALID_FOR.total_seconds())))
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="publish-draft")

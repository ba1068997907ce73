"""Key pairs, and how their private halves are kept: sealed with the site's own secret."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BITS = 2048
NONCE_BYTES = 12


def make_pair() -> tuple[RSAPrivateKey, str]:
    """Return a new private key and its public half (PEM)."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, public.decode()


def seal(key: RSAPrivateKey, *, secret: str, about: str) -> bytes:
    """Return a private key as nobody reads it without the secret; it opens for `about` only."""
    plain = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_sealing_key(secret)).encrypt(nonce, plain, about.encode())


def unseal(sealed: bytes, *, secret: str, about: str) -> RSAPrivateKey | None:
    """Return a private key that was sealed; None where the secret is another one by now."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        plain = AESGCM(_sealing_key(secret)).decrypt(nonce, rest, about.encode())
    except (InvalidTag, ValueError):
        return None
    key = serialization.load_der_private_key(plain, None)
    return key if isinstance(key, RSAPrivateKey) else None


def _sealing_key(secret: str) -> bytes:
    derive = HKDF(hashes.SHA256(), length=32, salt=None, info=b"causeway federation keys")
    return derive.derive(secret.encode())

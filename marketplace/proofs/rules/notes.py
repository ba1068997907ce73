"""Signing checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature)."""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from marketplace.proofs.verify import COSIGNED, SIGNED, Key


@dataclass(frozen=True)
class Signer:
    """Somebody who signs checkpoints under a name; the secret never leaves it."""

    name: str
    kind: int
    secret: Ed25519PrivateKey

    @classmethod
    def from_text(cls, name: str, secret: str, kind: int = SIGNED) -> "Signer":
        """Return the signer whose key follows from a secret text (SHA-256 of it is the seed)."""
        seed = sha256(b"causeway log key\n" + secret.strip().encode()).digest()
        return cls(name, kind, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key(self) -> Key:
        """Return what others need to check the signature."""
        return Key(self.name, self.kind, self.secret.public_key().public_bytes_raw())

    def line(self, body: str, moment: int = 0) -> str:
        """Return the signature under a checkpoint's body; a witness says when (POSIX seconds)."""
        raw = self.key.id
        if self.kind == COSIGNED:
            message = f"cosignature/v1\ntime {moment}\n{body}"
            raw += moment.to_bytes(8, "big") + self.secret.sign(message.encode())
        else:
            raw += self.secret.sign(body.encode())
        return f"— {self.name} {base64.b64encode(raw).decode()}\n"


def body_of(origin: str, size: int, root: bytes) -> str:
    """Return what is signed: three lines."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def sign(signer: Signer, size: int, root: bytes) -> str:
    """Return the checkpoint of a log, with its one signature."""
    body = body_of(signer.name, size, root)
    return f"{body}\n{signer.line(body)}"

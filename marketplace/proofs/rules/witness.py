"""What is said to a witness and what it answers (C2SP tlog-witness, `add-checkpoint`)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.proofs.verify import COSIGNED, Key, Wrong

MOST_HASHES = 63
"""No tree needs a longer proof; a witness refuses one."""


@dataclass(frozen=True)
class Witness:
    """Somebody who is asked to cosign: their key, and where."""

    key: Key
    url: str
    """The submission prefix; `/add-checkpoint` follows."""

    @classmethod
    def read(cls, text: str) -> "Witness":
        """Read `NAME+ID+KEY URL`.

        :raises Wrong: it is not written so, or the key is no witness's.
        """
        encoded, _, url = text.strip().partition(" ")
        key = Key.read(encoded)
        if key.kind != COSIGNED or not url.strip().startswith(("https://", "http://")):
            raise Wrong("this is no witness: NAME+ID+KEY URL")
        return cls(key, url.strip().rstrip("/"))

    @property
    def address(self) -> str:
        """Return where checkpoints go."""
        return f"{self.url}/add-checkpoint"


def question(old_size: int, path: Sequence[bytes], note: str) -> bytes:
    """Return what a witness is sent: what it knows, what proves that it has only grown, and all.

    :raises Wrong: the proof is longer than any can be.
    """
    if len(path) > MOST_HASHES:
        raise Wrong("the path is too long")
    lines = [f"old {old_size}", *(base64.b64encode(digest).decode() for digest in path)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def lines_of(body: bytes) -> list[str]:
    """Return the signature lines of an answer; what is none is left out."""
    text = body.decode("utf-8", "replace")
    return [line + "\n" for line in text.split("\n") if line.startswith("— ")]


def size_of(body: bytes) -> int | None:
    """Return the size that a witness says it knows, in a conflict; None if it says none."""
    found = re.fullmatch(rb"(0|[1-9]\d{0,18})\n?", body)
    return int(found[1]) if found else None

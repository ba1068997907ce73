"""Passwords: argon2id, at most a few at a time, and always at the same cost."""

import threading
import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.core.errors import TooMany
from marketplace.core.i18n import _l

AT_A_TIME = 2
WAIT_SECONDS = 10.0


@dataclass
class _Hashing:
    """The parameters in use, and turns: each hash takes 19 MiB and a core (OWASP's minimum)."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    )
    turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_A_TIME)
    )
    nobodys: str = ""


_hashing = _Hashing()


def make_cheap() -> None:
    """Use the least parameters there are, in tests."""
    _hashing.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _hashing.nobodys = ""


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    :raises TooMany: too many others wait for the same.
    """
    with _Turn():
        return _hashing.hasher.hash(_normal(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Say whether a password is right. Takes as long where there is no hash to compare with.

    :raises TooMany: too many others wait for the same.
    """
    known = password_hash if password_hash and password_hash.startswith("$argon2") else None
    with _Turn():
        try:
            _hashing.hasher.verify(known or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return known is not None


def is_outdated(password_hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hashing.hasher.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    """Return the password as every keyboard would have sent it."""
    return unicodedata.normalize("NFKC", password)


def _nobodys() -> str:
    if not _hashing.nobodys:
        _hashing.nobodys = _hashing.hasher.hash("nobody has this password")
    return _hashing.nobodys


class _Turn:
    """One of the few that may hash now."""

    def __enter__(self) -> None:
        if not _hashing.turns.acquire(timeout=WAIT_SECONDS):
            message = _l("Many people are signing in right now. Please try again in a moment.")
            raise TooMany(message, retry_after=int(WAIT_SECONDS))

    def __exit__(self, *_error: object) -> None:
        _hashing.turns.release()

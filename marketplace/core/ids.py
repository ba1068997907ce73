"""Identifiers made by the application, so that any PostgreSQL from 15 on serves."""

import os
import secrets
import time
import uuid
from threading import Lock

_lock = Lock()
_made = {"last": 0}


def new_id() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562): ordered by the millisecond it was made in.

    Within one, a process goes on by a random step from the one before (section 6.2, method 2), so
    that what was done twice in a moment is told in the order in which it was done.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random & (1 << 61) - 1  # the highest bit is room for steps
    with _lock:
        last = _made["last"]
        if value >> 80 == last >> 80 and value <= last:
            value = last + 1 + (random & 0xFFFF_FFFF)
        _made["last"] = value
    return uuid.UUID(int=value)


def new_token() -> str:
    """Return 256 random bits, safe in a URL: for links that are a secret by themselves."""
    return secrets.token_urlsafe(32)

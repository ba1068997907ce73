"""Identifiers made by the application, so that any PostgreSQL from 15 on serves."""

import os
import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562): ordered by the millisecond it was made in."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random & (1 << 62) - 1
    return uuid.UUID(int=value)


def new_token() -> str:
    """Return 256 random bits, safe in a URL: for links that are a secret by themselves."""
    return secrets.token_urlsafe(32)

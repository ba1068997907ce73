"""Idempotency keys: the first answer is the answer, for a day of the sandbox's clock."""

import hashlib
from dataclasses import dataclass

from sandbox.errors import ApiError
from sandbox.store import Unit

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True)
class Saved:
    """An answer kept under a key."""

    status: int
    response: str
    request_id: str


def body_hash(body: bytes) -> str:
    """The fingerprint of a request's parameters."""
    return hashlib.sha256(body).hexdigest()


def claim(unit: Unit, key: str) -> None:
    """Hold a key until the end of the transaction.

    :raises ApiError: 409 when another request holds it now, 400 when it is too long.
    """
    if len(key) > LONGEST_KEY:
        raise ApiError(400, "invalid_request_error", "Idempotency keys have up to 255 characters")
    row = unit.connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))",
        (f"sandbox key {unit.caller.account or ''} {key}",),
    ).fetchone()
    if row is None or not row[0]:
        raise ApiError(
            409,
            "idempotency_error",
            "Another request with this idempotency key is still in progress.",
            code="idempotency_key_in_use",
        )


def find(unit: Unit, key: str, path: str, fingerprint: str) -> Saved | None:
    """The answer kept under a claimed key; keys older than a day are forgotten.

    :raises ApiError: the key was used for another endpoint or with other parameters.
    """
    row = unit.connection.execute(
        "SELECT path, body_hash, status, response, request_id, created FROM sandbox.idempotency"
        " WHERE account = %s AND key = %s",
        (unit.caller.account or "", key),
    ).fetchone()
    if row is None:
        return None
    if row[5] <= unit.now - KEPT_SECONDS:
        prune(unit)
        return None
    if row[0] != path:
        raise ApiError(
            400, "idempotency_error", f"This idempotency key was first used for {row[0]}."
        )
    if row[1] != fingerprint:
        raise ApiError(
            400, "idempotency_error", "This idempotency key was first used with other parameters."
        )
    return Saved(row[2], row[3], row[4])


def save(unit: Unit, key: str, path: str, fingerprint: str, answer: Saved) -> None:
    """Keep an answer under a claimed key."""
    unit.connection.execute(
        "INSERT INTO sandbox.idempotency"
        " (account, key, path, body_hash, status, response, request_id, created)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            unit.caller.account or "",
            key,
            path,
            fingerprint,
            answer.status,
            answer.response,
            answer.request_id,
            unit.now,
        ),
    )


def prune(unit: Unit) -> None:
    """Forget the keys that are older than a day."""
    unit.connection.execute(
        "DELETE FROM sandbox.idempotency WHERE created <= %s", (unit.now - KEPT_SECONDS,)
    )

"""Signed webhooks: each event is sent until it is accepted, less and less often, for three days."""

import hashlib
import hmac
import json
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from psycopg.types.json import Jsonb

from sandbox.shapes import Json
from sandbox.store import Store

Send: TypeAlias = Callable[[str, bytes, dict[str, str]], int]
log = logging.getLogger("sandbox")
BACK_OFF = (10, 60, 300, 1800, 7200, 18_000, *([36_000] * 6))
_TIMEOUT = 10
_CLAIM_SECONDS = 60
_CHOSEN = (
    "SELECT event.id, event.data, delivery.seq FROM sandbox.delivery"
    " JOIN sandbox.event ON event.id = delivery.event_id"
    " WHERE delivery.state = 'pending' AND delivery.due <= %s"
)


@dataclass(frozen=True)
class Endpoint:
    """Where events go, and the secret that signs them."""

    url: str | None
    secret: str
    events: tuple[str, ...] = ()
    """The types that it asks for; all where it names none."""

    def wants(self, kind: str) -> bool:
        """Say whether events of a type are sent there."""
        return not self.events or kind in self.events


@dataclass(frozen=True)
class _Due:
    event: Json
    attempts: int


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The value of the header `Stripe-Signature`."""
    signed = f"{timestamp}.".encode() + payload
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send over HTTP; the status, or 0 when nobody answered."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def deliver(store: Store, endpoint: Endpoint, send: Send | None = None, limit: int = 100) -> int:
    """Send the events that are due, oldest first; returns the number of attempts made."""
    due, dials = _claim(store, limit)
    made = 0
    for item in due:
        if not endpoint.wants(item.event["type"]):
            _record(store, item, 0, "not asked for", final=True)
            continue
        kinds = dials.get("types")
        touched = not kinds or item.event["type"] in kinds
        if touched and dials.get("drop"):
            _record(store, item, 0, "dropped", final=True)
            continue
        times = int(dials.get("duplicate") or 1) if touched else 1
        answers = [_send(endpoint, item.event, send or post) for _ in range(times)]
        made += times
        _record(store, item, answers[-1], None)
    return made


def _claim(store: Store, limit: int) -> tuple[list[_Due], Json]:
    """Take due events for a minute, so that parallel deliverers do not send the same one."""
    with store.transaction() as unit:
        dials: Json = unit.settings.get("chaos", {}).get("webhooks", {})
        chosen = _CHOSEN
        values: list[object] = [unit.now]
        if dials.get("hold"):
            kinds = dials.get("types")
            chosen += " AND NOT event.type = ANY (%s)" if kinds else " AND %s"
            values.append(kinds or False)
        chosen += " ORDER BY delivery.seq LIMIT %s FOR UPDATE OF delivery SKIP LOCKED"
        rows = unit.connection.execute(
            f"WITH chosen AS ({chosen})"  # noqa: S608  # its parts stand in this module
            " UPDATE sandbox.delivery SET due = %s FROM chosen"
            " WHERE delivery.event_id = chosen.id"
            " RETURNING chosen.data, delivery.attempts, chosen.seq",  # all written here
            (*values, limit, unit.now + _CLAIM_SECONDS),
        ).fetchall()
    ordered = [_Due(row[0], row[1]) for row in sorted(rows, key=lambda row: int(row[2]))]
    if dials.get("reorder") == "reverse":
        ordered.reverse()
    elif dials.get("reorder"):
        random.shuffle(ordered)  # not a secret
    return ordered, dials


def _send(endpoint: Endpoint, event: Json, send: Send) -> int:
    body = json.dumps(event, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": signature(body, endpoint.secret, int(time.time())),
    }
    return send(endpoint.url or "", body, headers)


def _record(
    store: Store, item: _Due, status: int, note: str | None, *, final: bool = False
) -> None:
    """Write down an attempt, and when the next one is due."""
    attempt = item.attempts + 1
    good = 200 <= status < 300
    last = final or attempt > len(BACK_OFF)
    state = "delivered" if good else "failed" if last else "pending"
    with store.transaction() as unit:
        wait = 0 if good or last else BACK_OFF[attempt - 1]
        entry = {"at": unit.now, "status": status, "note": note}
        unit.connection.execute(
            "UPDATE sandbox.delivery SET state = %s, attempts = %s, due = %s, log = log || %s"
            " WHERE event_id = %s",
            (state, attempt, unit.now + wait, Jsonb([entry]), item.event["id"]),
        )


class Courier:
    """The background thread of the served program: delivers events and lets time pass."""

    def __init__(self, work: Callable[[], int], *, every: float = 1.0) -> None:
        self._work = work
        self._every = every
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new to deliver."""
        self._wake.set()

    def stop(self) -> None:
        """End after the attempt under way."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        while not self._stopping:
            try:
                busy = self._work() > 0
            except Exception:
                log.exception("delivery failed")
                busy = False
            if not busy:
                self._wake.wait(self._every)
                self._wake.clear()

"""Messages of the provider: the signature is checked over the bytes as they came."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import stripe

from marketplace.payments.gateway.asking import refund_seen
from marketplace.payments.rules import EventSeen

CLOCK_SKEW_SECONDS = 300


class BadSignature(Exception):
    """A message that is not the provider's, or is too old, or from the future."""


class Messages:
    """What the provider sends by itself."""

    _client: stripe.StripeClient
    _webhook_secret: str

    def read_event(self, body: bytes, signature: str) -> EventSeen:
        """Return a message whose signature and time hold.

        :raises BadSignature: they do not.
        """
        self._check(body, signature)
        _refuse_the_future(signature)
        return self.reread_event(body.decode())

    def _check(self, body: bytes, signature: str) -> None:
        """Check against each secret: messages of connected accounts come with their own."""
        wrong = "no secret"
        for secret in self._webhook_secret.split(","):
            try:
                stripe.WebhookSignature.verify_header(
                    body, signature, secret.strip(), CLOCK_SKEW_SECONDS
                )
            except (ValueError, stripe.SignatureVerificationError) as error:
                wrong = type(error).__name__
            else:
                return
        raise BadSignature(wrong)

    def reread_event(self, payload: str) -> EventSeen:
        """Return a message that was verified when it came."""
        event = json.loads(payload)
        subject = event["data"]["object"]
        is_refund = subject.get("object") == "refund"
        return EventSeen(
            id=event["id"],
            type=event["type"],
            created_at=datetime.fromtimestamp(event["created"], UTC),
            payload=payload,
            payment_id=_payment_in(subject),
            refund=refund_seen(subject) if is_refund else None,
            object_id=subject.get("id") or "",
            account_id=event.get("account"),
            dispute_id=subject["id"] if subject.get("object") == "dispute" else None,
        )


def _refuse_the_future(signature: str) -> None:
    """The library refuses old messages only; a stolen secret must not sign for next year."""
    stamps = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    if not stamps or int(stamps[0]) > time.time() + CLOCK_SKEW_SECONDS:
        raise BadSignature("timestamp in the future")


def _payment_in(subject: Mapping[str, Any]) -> str | None:  # Any: the provider's JSON
    if subject.get("object") == "payment_intent":
        return cast("str", subject["id"])
    found = subject.get("payment_intent")
    return found if isinstance(found, str) else None

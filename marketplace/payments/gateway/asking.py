"""What every question to Stripe has in common."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import stripe

from marketplace.payments.rules import RefundSeen

NOTHING = stripe.StripeObject()


class Unreachable(Exception):
    """The provider did not answer a question; nothing was changed by asking."""


@contextmanager
def asking() -> Iterator[None]:
    """Ask something; whatever goes wrong means that there was no answer."""
    try:
        yield
    except stripe.StripeError as error:
        raise Unreachable(type(error).__name__) from error


def id_of(thing: object) -> str | None:
    """Return the id of an object that came whole or as its id."""
    return thing if isinstance(thing, str) or thing is None else cast("str", getattr(thing, "id"))  # noqa: B009  # mypy: object


def uuid_in(metadata: Any, name: str) -> uuid.UUID | None:  # Any: a StripeObject or None
    """Return one of our own ids from what we sent along; None if it is not there."""
    try:
        return uuid.UUID(metadata[name])
    except (KeyError, TypeError, ValueError):
        return None


def refund_seen(told: Mapping[str, Any]) -> RefundSeen:  # Any: the provider's JSON
    """Return what a refund says of itself, and of what it was made for."""
    metadata = told.get("metadata") or {}
    return RefundSeen(
        provider_id=told["id"],
        refund_id=uuid_in(metadata, "refund"),
        status=told.get("status") or "",
        late_payment_id=metadata.get("late_payment"),
        failed_refund_id=uuid_in(metadata, "failed_refund"),
        pool_refund_id=uuid_in(metadata, "pool_refund"),
        why=told.get("failure_reason") or "",
    )


def page_after(since: datetime | None, after: str | None) -> dict[str, object]:
    """Return what asks for a page of a list: what was made since then, after one of its rows."""
    asked: dict[str, object] = {"limit": 100}
    if since is not None:
        asked["created"] = {"gte": int(since.timestamp())}
    if after is not None:
        asked["starting_after"] = after
    return asked

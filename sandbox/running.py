"""What can be done with a sandbox beside sending it requests."""

from typing import cast

from flask import Flask

from sandbox.due import run_due
from sandbox.store import Store
from sandbox.webhooks import Endpoint, Send, deliver


def store_of(app: Flask) -> Store:
    """The database of a sandbox."""
    return cast("Store", app.extensions["sandbox"])


def webhook_of(app: Flask) -> Endpoint:
    """Where a sandbox sends its events: its own setting, or what `create_app` was given."""
    fallback = cast("Endpoint", app.extensions["sandbox_webhook"])
    with store_of(app).transaction() as unit:
        stored = unit.settings.get("webhook", {})
    return Endpoint(
        stored.get("url") or fallback.url,
        stored.get("secret") or fallback.secret,
        fallback.events,
    )


def deliver_pending(app: Flask, send: Send | None = None, *, limit: int = 100) -> int:
    """Send the events that are due now; returns the number of attempts.

    `send(url, body, headers) -> status` replaces HTTP, for instance by a test client. Without it
    nothing is sent while no address is known.
    """
    endpoint = webhook_of(app)
    if endpoint.url is None and send is None:
        return 0
    return deliver(store_of(app), endpoint, send, limit)


def let_time_pass(app: Flask) -> int:
    """Do what is due by the sandbox's clock; returns how many objects changed."""
    return run_due(store_of(app))

"""The only door to Stripe. Nothing here touches the database; nothing else imports `stripe`.

Separate charges and transfers: the shopper pays the platform on Stripe's hosted page; refunds go
back from the platform. Every change carries the command's id as its idempotency key.
"""

import stripe

from marketplace.payments.gateway.asking import Unreachable
from marketplace.payments.gateway.commanding import Commands
from marketplace.payments.gateway.messages import BadSignature, Messages
from marketplace.payments.gateway.reading import Reads

__all__ = ["BadSignature", "Gateway", "Unreachable", "bind", "current", "in_process", "over_http"]

TIMEOUT_SECONDS = 10


class Gateway(Commands, Reads, Messages):
    """Talks to Stripe, or to anything that speaks its protocol."""

    def __init__(self, client: stripe.StripeClient, webhook_secret: str) -> None:
        self._client = client
        self._webhook_secret = webhook_secret


_gateway: Gateway | None = None


def bind(gateway: Gateway) -> None:
    """Let this process use a gateway."""
    global _gateway  # noqa: PLW0603  # one gateway a process, set by create_app
    _gateway = gateway


def current() -> Gateway:
    """Return the process's gateway."""
    if _gateway is None:
        raise RuntimeError("no payment gateway was bound")
    return _gateway


def over_http(*, secret_key: str, webhook_secret: str, api_base: str | None) -> Gateway:
    """Return a gateway to Stripe itself, or to what answers at `api_base`."""
    client = stripe.StripeClient(
        secret_key,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=2,
    )
    return Gateway(client, webhook_secret)


def in_process(*, transport: stripe.HTTPClient, webhook_secret: str) -> Gateway:
    """Return a gateway to a double of Stripe that is called without a network."""
    client = stripe.StripeClient("sk_test_sandbox", http_client=transport)
    return Gateway(client, webhook_secret)

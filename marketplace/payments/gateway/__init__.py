"""The only door to Stripe. Nothing here touches the database; nothing else imports `stripe`.

Separate charges and transfers: the shopper pays the platform on Stripe's hosted page; refunds go
back from the platform. Every change carries the command's id as its idempotency key.
"""

from http.cookiejar import DefaultCookiePolicy

import requests
import stripe
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from marketplace.payments.gateway.asking import Unreachable
from marketplace.payments.gateway.commanding import Commands
from marketplace.payments.gateway.messages import BadSignature, Messages
from marketplace.payments.gateway.reading import Reads

__all__ = ["BadSignature", "Gateway", "Unreachable", "bind", "current", "in_process", "over_http"]

TIMEOUT_SECONDS = 10
MOST_CONNECTIONS = 16
"""So many are kept open, for as many threads; further ones are closed after use."""


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
        http_client=stripe.RequestsClient(
            timeout=TIMEOUT_SECONDS, session=_session(api_base or stripe.DEFAULT_API_BASE)
        ),
        base_addresses={"api": api_base} if api_base else {},
        max_network_retries=2,
    )
    return Gateway(client, webhook_secret)


def _session(address: str) -> requests.Session:
    """Return connections for all threads; the environment's proxies are looked up only here.

    `requests` would look for them, and for a file of passwords, again for each call.
    """
    session = requests.Session()
    session.proxies.update(get_environ_proxies(address))
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=MOST_CONNECTIONS)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return session


def in_process(*, transport: stripe.HTTPClient, webhook_secret: str) -> Gateway:
    """Return a gateway to a double of Stripe that is called without a network."""
    client = stripe.StripeClient("sk_test_sandbox", http_client=transport)
    return Gateway(client, webhook_secret)

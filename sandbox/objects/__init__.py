"""One module per kind of object of Stripe's API; importing this enters all their endpoints."""

from sandbox.objects import (
    accounts,
    balance,
    charges,
    checkout_sessions,
    disputes,
    events,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    transfers,
)

__all__ = [
    "accounts",
    "balance",
    "charges",
    "checkout_sessions",
    "disputes",
    "events",
    "payment_intents",
    "payment_methods",
    "payouts",
    "refunds",
    "transfers",
]

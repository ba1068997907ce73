"""The accounts of an order, held together before any of its money moves."""

from collections.abc import Mapping

from marketplace.checkout import rules
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, may_be_negative
from marketplace.orders.models import Order

Funds = Mapping[AccountKey, int]
"""What stands on each account that is held."""


def hold_funds(order: Order) -> Funds:
    """Hold every account that a refund or a release of an order may debit; return what is there.

    A release posts line by line and then the gift, a refund takes from one account after another:
    two orders that share companies or projects would lock each other out if each took its accounts
    in the order of its own rows.
    """
    credited = {rules.credited(row) for row in ledger_queries.list_remainders(order.id)}
    keys = credited | {rules.released(key) for key in credited}
    return ledger.lock_balances(
        keys=[key for key in keys if not may_be_negative(key.purpose)], currency=order.currency
    )

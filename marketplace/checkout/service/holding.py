"""What an order holds before any of its money moves: its pieces first, then its accounts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.checkout import rules
from marketplace.checkout.rules import Standings
from marketplace.core.db import session
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey, Purpose, may_be_negative
from marketplace.orders.models import Order


@dataclass(frozen=True)
class Funds:
    """Where an order's money stands, and what there is on each account that is held."""

    standings: Standings
    there: Mapping[AccountKey, int]


_HOLD_UNSENT = sa.text(
    """
    select variant.id from variant
    where variant.id in (
        select line.variant_id from order_line line
        join company_order part on part.id = line.company_order_id
        where line.order_id = :order and part.state = 'to_send'
    )
    order by variant.id for no key update
    """
)


def hold_unsent(order: Order) -> None:
    """Hold the variants that may come back on the shelf, before any account is held.

    A payment takes its pieces first and its money after: who takes both the other way round would
    wait for it while it waits for them.
    """
    session.execute(_HOLD_UNSENT, {"order": order.id})


def hold_funds(order: Order) -> Funds:
    """Hold every account that a step of an order may debit; return what is there.

    A release posts line by line and then the gift, a refund takes from one account after another:
    two orders that share companies or projects would lock each other out if each took its accounts
    in the order of its own rows.
    """
    standings = ledger_queries.list_standings(order.id)
    stands = {one.account for rows in standings.values() for one in rows}
    keys = stands | {rules.released(key) for key in stands}
    # What is frozen of a company may come back to it, and what it owes is then kept of that.
    keys |= {
        AccountKey(Purpose.COMPANY_AVAILABLE, key.owner_id)
        for key in stands
        if key.purpose is Purpose.DISPUTE_HOLD and key.source is None
    }
    there = ledger.lock_balances(
        keys=[key for key in keys if not may_be_negative(key.purpose)], currency=order.currency
    )
    return Funds(standings, there)


def companies_in(keys: Collection[AccountKey]) -> list[AccountKey]:
    """Return the available accounts of companies, in one order for everybody."""
    return sorted(
        (key for key in keys if key.purpose is Purpose.COMPANY_AVAILABLE),
        key=lambda key: str(key.owner_id),
    )


def keep_debts(order: Order, funds: Funds, effect: str, effective_at: datetime) -> None:
    """Keep what the order's companies owe from what is available to them; `effect` names the cause.

    The caller holds the order's funds.
    """
    for key in companies_in(funds.there):
        if key.owner_id is not None:
            ledger.keep_debt(
                company_id=key.owner_id,
                currency=order.currency,
                effect_key=f"netting:{effect}:{key.owner_id}",
                subject_id=order.id,
                effective_at=effective_at,
            )

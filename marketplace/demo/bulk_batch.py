"""What orders are made of in bulk, and the rows they become, gathered by table."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from marketplace.checkout.queries import PricedLine
from marketplace.giving import service as giving
from marketplace.ledger.rules import AccountKey
from marketplace.orders.rules import ShippingTerms, price_line

Row = dict[str, object]


@dataclass(frozen=True)
class Market:
    """What can be bought and what it can be given to, read once."""

    currency: str
    lines: Sequence[PricedLine]
    names: Mapping[uuid.UUID, str]
    """Companies' names."""
    shipping: Mapping[uuid.UUID, ShippingTerms]
    projects: Sequence[uuid.UUID]
    accounts: Mapping[AccountKey, int]
    commission_bp: int
    return_window: timedelta
    now: datetime
    _bought: dict[tuple[uuid.UUID, int], tuple[PricedLine, str]] = field(default_factory=dict)

    def buy(self, line: PricedLine, quantity: int) -> tuple[PricedLine, str]:
        """Return a line for some pieces, priced, and what the shopper is told of it."""
        key = (line.terms.variant_id, quantity)
        if key not in self._bought:
            terms = replace(line.terms, quantity=quantity)
            bought = replace(line, terms=terms, parts=price_line(terms, self.commission_bp))
            told = giving.disclosure(
                company=self.names[terms.company_id],
                pledge=terms.pledge,
                share_minor=bought.parts.share_minor,
                currency=self.currency,
                language="en",
            )
            self._bought[key] = (bought, told)
        return self._bought[key]


class Batch:
    """Rows by table, in the order in which they may be put in; the ledger's come last."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}
        self.transactions: list[Row] = []
        self._captured: list[Row] = []
        self._released: list[Row] = []

    @property
    def transfers(self) -> list[Row]:
        """All transfers; what is released was captured before."""
        return self._captured + self._released

    def add(self, table: str, **row: object) -> Row:
        """Take a row for a table."""
        self.rows.setdefault(table, []).append(row)
        return row

    def transaction(self, kind: str, effect: object, order_id: uuid.UUID, at: datetime) -> Row:
        """Take a transaction of the ledger; it is numbered later."""
        row: Row = {
            "id": None,
            "kind": kind,
            "effect_key": f"{kind}:{effect}",
            "subject_id": order_id,
            "effective_at": at,
        }
        self.transactions.append(row)
        return row

    def transfer(self, origin: Row | None = None, /, **row: object) -> Row:
        """Take a transfer, of something captured before (`origin`) or captured by it."""
        row = {"id": None, **row, "origin_id": origin}
        (self._released if origin else self._captured).append(row)
        return row

    def number(self, transactions: Sequence[int], transfers: Sequence[int]) -> None:
        """Give transactions and transfers their ids, and let them name each other by these."""
        for row, number in zip(self.transactions, transactions, strict=True):
            row["id"] = number
        for row, number in zip(self.transfers, transfers, strict=True):
            row["id"] = number
        for row in self.transfers:
            for name in ("transaction_id", "origin_id"):
                named = row[name]
                row[name] = named["id"] if isinstance(named, dict) else None

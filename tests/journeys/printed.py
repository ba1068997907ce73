"""The ledger of an order as text that people can read and git can compare."""

import uuid
from collections.abc import Mapping

from marketplace.core.money import to_decimal_text
from marketplace.ledger import queries
from marketplace.ledger.queries import BookLine


def print_book(order_id: uuid.UUID, names: Mapping[uuid.UUID, str]) -> str:
    """Return every transfer about an order; owners by name, the provider's ids left out."""
    lines: list[str] = []
    transaction = 0
    for line in queries.list_book_of_order(order_id):
        if line.transaction_id != transaction:
            transaction = line.transaction_id
            lines.append(line.kind)
        lines.append(f"  {_amount(line)}  {_debit(line, names)} -> {_credit(line, names)}")
    return "\n".join(lines) + "\n"


def _amount(line: BookLine) -> str:
    return f"{to_decimal_text(line.amount_minor, line.currency):>8} {line.currency}"


def _debit(line: BookLine, names: Mapping[uuid.UUID, str]) -> str:
    return _account(line.debit_purpose, line.debit_owner_id, line.debit_source, names)


def _credit(line: BookLine, names: Mapping[uuid.UUID, str]) -> str:
    return _account(line.credit_purpose, line.credit_owner_id, line.credit_source, names)


def _account(
    purpose: str, owner_id: uuid.UUID | None, source: str | None, names: Mapping[uuid.UUID, str]
) -> str:
    owner = f" {names[owner_id]}" if owner_id else ""
    return f"{purpose}{owner}" + (f" ({source})" if source else "")

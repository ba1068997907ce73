"""The operator's view of the book: from any account to its entries, and on to what they are of."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request

from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, render
from marketplace.desk import queries
from marketplace.ledger.rules import Kind, Purpose

blueprint = Blueprint("ledger_staff", __name__)


@blueprint.get("/staff/ledger")
@access("staff")
def accounts() -> tuple[str, int]:
    """List accounts with their balances, by purpose and owner; all together add up to zero."""
    asked = _asked("purpose", "owner", "all")
    after = _number(0)
    return render(
        "staff/accounts.html",
        page=queries.list_accounts(
            purpose=asked.get("purpose", ""),
            owner=asked.get("owner", ""),
            is_open="all" not in asked,
            after=after,
        ),
        totals=queries.find_balances_by_currency(),
        purposes=[purpose.value for purpose in Purpose],
        is_first=not after,
        **_narrowed(asked),
    )


@blueprint.get("/staff/ledger/<int:account_id>")
@access("staff")
def account(account_id: int) -> tuple[str, int]:
    """Show the entries of one account, the newest first, by kind and day."""
    found = queries.get_account(account_id)
    asked = _asked("kind", "since", "until")
    since, until = _midnight(asked.get("since")), _midnight(asked.get("until"))
    before = _number(queries.book.NEWEST)
    return render(
        "staff/account.html",
        account=found,
        page=queries.list_entries(
            account_id,
            queries.Narrowed(
                asked.get("kind", ""), since, until + timedelta(days=1) if until else None
            ),
            before=before,
        ),
        kinds=[kind.value for kind in Kind],
        is_first=before == queries.book.NEWEST,
        **_narrowed(asked),
    )


@blueprint.get("/staff/ledger/transactions/<int:transaction_id>")
@access("staff")
def transaction(transaction_id: int) -> tuple[str, int]:
    """Show a transaction: all its transfers, what it is about, and what followed from it."""
    found = queries.get_transaction(transaction_id)
    transfers, following = queries.list_transfers(transaction_id)
    return render(
        "staff/transaction.html", happened=found, transfers=transfers, following=following
    )


def _asked(*names: str) -> dict[str, str]:
    """Return what of a filter was filled in."""
    given = {name: request.args.get(name, "").strip()[:100] for name in names}
    return {name: value for name, value in given.items() if value}


def _narrowed(asked: dict[str, str]) -> dict[str, Any]:  # Any: what the template reads
    return {"asked": asked, "query": urlencode(asked)}


def _number(nothing: int) -> int:
    """Return the row after which the page begins."""
    cursor = decode_cursor(request.args.get("after"), 1)
    number = cursor[0] if cursor else nothing
    return number if isinstance(number, int) and 0 < number < queries.book.NEWEST else nothing


def _midnight(text: str | None) -> datetime | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) if date.min < day < date.max else None

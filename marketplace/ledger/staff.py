"""The operator's view of the book: every account, and every entry of one."""

from flask import Blueprint, request

from marketplace.core.errors import NotFound
from marketplace.core.web import access, render
from marketplace.ledger import queries

blueprint = Blueprint("ledger_staff", __name__)


@blueprint.get("/staff/ledger")
@access("staff")
def accounts() -> tuple[str, int]:
    """List every account with its balance; they add up to zero."""
    balances = queries.list_balances()
    totals: dict[str, int] = {}
    for balance in balances:
        totals[balance.currency] = totals.get(balance.currency, 0) + balance.balance_minor
    return render(
        "staff/accounts.html", balances=balances, totals=totals, names=queries.names_of_owners()
    )


@blueprint.get("/staff/ledger/<int:account_id>")
@access("staff")
def account(account_id: int) -> tuple[str, int]:
    """Show the entries of one account, the newest first."""
    found = next((one for one in queries.list_balances() if one.account_id == account_id), None)
    if found is None:
        raise NotFound
    before = request.args.get("before", "")
    lines = queries.list_book_of_account(
        account_id, before_id=int(before) if before.isdigit() else None, limit=51
    )
    return render(
        "staff/account.html",
        account=found,
        lines=lines[:50],
        next_before=lines[49].transfer_id if len(lines) > 50 else None,
        names=queries.names_of_owners(),
    )

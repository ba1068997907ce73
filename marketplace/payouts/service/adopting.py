"""Payouts that the provider made and an older backup, brought back, does not know of."""

from datetime import datetime

from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import AccountKey
from marketplace.payments.rules import TransferSeen
from marketplace.payouts import queries
from marketplace.payouts.models import Payout, PayoutState
from marketplace.payouts.service.paying import available_accounts, note_transfer, set_aside


class NotExplained(Conflict):
    """It went to nobody we know, or was of money that is not confirmed in this book."""


def adopt(*, seen: TransferSeen, now: datetime) -> bool:
    """Write a payout into the book that was made after the backup; False if it is there already.

    Its money is taken from what is available, so that nobody is paid it again.

    :raises NotExplained: a person has to look at it.
    """
    if seen.payout_id is None or queries.lock_payout(seen.payout_id) is not None:
        return False
    account = queries.lock_account_of_provider(seen.destination)
    if account is None:
        raise NotExplained
    keys = available_accounts(account.payee_kind, account.payee_id)
    amounts: dict[AccountKey, int] = {}
    left = seen.amount_minor
    for key, minor in ledger.lock_balances(keys=keys, currency=seen.currency).items():
        if part := min(max(minor, 0), left):
            amounts[key] = part
            left -= part
    if left:
        raise NotExplained
    payout = Payout(
        id=seen.payout_id,
        payee_id=account.payee_id,
        payee_kind=account.payee_kind,
        currency=seen.currency,
        amount_minor=seen.amount_minor,
        returned_minor=0,
        state=PayoutState.COMMANDED,
        account_id=account.id,
        needs_approval=False,
        note="",
        commanded_at=now,
    )
    session.add(payout)
    session.flush()
    set_aside(payout, amounts, now)
    return note_transfer(seen=seen, now=now)

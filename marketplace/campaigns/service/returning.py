"""What goes back to a sponsor that is no company: commanded, confirmed, and sent again.

What is to go back stands on the pool's account of refunds due until the provider has confirmed it.
"""

import uuid
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.campaigns import queries
from marketplace.campaigns.models import Pool, PoolRefund
from marketplace.campaigns.rules import RefundStage, parts_to_return
from marketplace.campaigns.service.reserving import account_of
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import (
    CLEARING,
    PLATFORM_BANK,
    AccountKey,
    Entry,
    Kind,
    Purpose,
)
from marketplace.payments import service as payments
from marketplace.payments.models import ProviderCommand
from marketplace.payments.rules import CommandKind, CommandState, RefundSeen

LOSSES = AccountKey(Purpose.LOSSES)


def due_back(pool_id: uuid.UUID) -> AccountKey:
    """Return the account of what goes back to a pool's sponsor."""
    return AccountKey(Purpose.REFUND_DUE, pool_id)


def give_rest_back(*, pool: Pool, amount_minor: int, now: datetime) -> None:
    """Command what is left of a pool back to the payments it came from, the last one first.

    The pool's account and row are held; the book says at once that it is owed, and no more ours.
    """
    entries = [Entry(account_of(pool.id), due_back(pool.id), amount_minor)]
    post(pool, Kind.POOL_RETURNED, f"{Kind.POOL_RETURNED}:{pool.id}:{new_id()}", entries, now)
    for payment_id, part in parts_to_return(amount_minor, queries.list_left_of_payments(pool.id)):
        command_refund(pool, payment_id, part, now)


def command_refund(pool: Pool, payment_id: str, amount_minor: int, now: datetime) -> PoolRefund:
    """Put down the command that gives money back to a sponsor's payment."""
    row = PoolRefund(
        id=new_id(),
        pool_id=pool.id,
        payment_id=payment_id,
        amount_minor=amount_minor,
        state=RefundStage.REQUESTED,
        requested_at=now,
    )
    session.add(row)
    session.flush()
    payments.command(
        kind=CommandKind.REFUND,
        subject_id=row.id,
        params={
            "payment_intent": payment_id,
            "amount": amount_minor,
            "metadata": {"pool_refund": str(row.id)},
        },
        now=now,
    )
    return row


def end_refund(*, command: ProviderCommand, now: datetime) -> None:
    """Note what came of a command that gives back to a sponsor."""
    if command.state is CommandState.SUCCEEDED and command.provider_id:
        _made(command.subject_id, command.provider_id, now)
        return
    row = queries.lock_refund(command.subject_id)
    if row is not None and row.state is RefundStage.REQUESTED:
        _fail(row, command.error or "", now)
        _send_if_freed(row, now)


def _send_if_freed(row: PoolRefund, now: datetime) -> None:
    """Send again at once what was refused for a dispute that the bank has decided for us since."""
    freed = queries.find_freed(row.payment_id)
    was_refused = freed is not None and freed.closed_at and row.requested_at < freed.closed_at
    if was_refused and not queries.is_payment_disputed(row.payment_id):
        send_anew(row, now)


def take_refund(*, seen: RefundSeen, now: datetime) -> bool:
    """Record what the provider says of money that goes back to a sponsor; say whether it is news.

    :raises NotFound: it is none of ours.
    """
    if seen.pool_refund_id is None or session.get(PoolRefund, seen.pool_refund_id) is None:
        raise NotFound
    is_news = _made(seen.pool_refund_id, seen.provider_id, now)
    return _came_back(seen, now) if seen.came_to_nothing else is_news


def _made(refund_id: uuid.UUID, provider_id: str, now: datetime) -> bool:
    """Post that the provider gave back. Once, also where we had taken it for refused."""
    known = session.get(PoolRefund, refund_id)
    if known is None:
        return False
    pool = session.get_one(Pool, known.pool_id)
    due = due_back(pool.id)
    # The accounts first, as everybody does.
    there = ledger.lock_balances(keys=[due], currency=pool.currency)[due]
    row = queries.lock_refund(refund_id)
    if row is None or row.provider_id is not None:
        return False
    # Sent again, and then the first one arrived after all: the sponsor has it twice. So they have
    # what came by their bank or from ours instead.
    came_otherwise = row.state in (RefundStage.TAKEN, RefundStage.PAID_OTHERWISE)
    owed = 0 if came_otherwise else min(there, row.amount_minor)
    entries = [Entry(due, CLEARING, owed), Entry(LOSSES, CLEARING, row.amount_minor - owed)]
    if post(pool, Kind.POOL_REFUNDED, f"refund:{provider_id}", entries, now) is None:
        return False
    row.state, row.provider_id, row.done_at = RefundStage.DONE, provider_id, now
    row.reference = None
    session.flush()
    return True


def _came_back(seen: RefundSeen, now: datetime) -> bool:
    """Post that money came back to us, which its sponsor is owed once more."""
    row = queries.lock_refund(seen.pool_refund_id) if seen.pool_refund_id else None
    if row is None or row.provider_id != seen.provider_id:
        return False
    pool = session.get_one(Pool, row.pool_id)
    entries = [Entry(CLEARING, due_back(pool.id), row.amount_minor)]
    if post(pool, Kind.REFUND_FAILED, f"refund_failed:{seen.provider_id}", entries, now) is None:
        return False
    _fail(row, seen.why, now)
    return True


def _fail(row: PoolRefund, why: str, now: datetime) -> None:
    row.state, row.why, row.done_at = RefundStage.FAILED, why, now
    session.flush()


def send_anew(row: PoolRefund, now: datetime, *, but_minor: int = 0) -> PoolRefund:
    """Command what did not reach a sponsor under a key of its own, or all but a part of it."""
    row.state = RefundStage.REPLACED
    pool = session.get_one(Pool, row.pool_id)
    return command_refund(pool, row.payment_id, row.amount_minor - but_minor, now)


def send_again(*, refund_id: uuid.UUID, now: datetime) -> PoolRefund:
    """Command once more what did not reach a sponsor, under a key of its own.

    :raises Conflict: it does not wait any more, or a bank has to decide first.
    """
    return send_anew(_lock_waiting(refund_id), now)


def pay_otherwise(*, refund_id: uuid.UUID, reference: str, by: User, now: datetime) -> PoolRefund:
    """Note that a sponsor got it from our own bank; `reference` names the transfer.

    :raises Conflict: it does not wait any more, or a bank has to decide first.
    :raises Invalid: nothing names the transfer.
    """
    told = reference.strip()[:200]
    if not told:
        raise Invalid(
            fields={"reference": _l("Name the bank transfer, so that it is found again.")}
        )
    known = session.get(PoolRefund, refund_id)
    if known is None:
        raise NotFound
    pool = session.get_one(Pool, known.pool_id)
    ledger.lock_balances(keys=[due_back(pool.id)], currency=pool.currency)  # as everybody: first
    row = _lock_waiting(refund_id)
    entries = [Entry(due_back(pool.id), PLATFORM_BANK, row.amount_minor)]
    post(pool, Kind.REFUND_OTHERWISE, f"refund_otherwise:{row.id}", entries, now)
    row.state, row.reference, row.done_at = RefundStage.PAID_OTHERWISE, told, now
    session.flush()
    accounts.record(
        actor=by,
        action="pool.refund_paid_otherwise",
        subject_kind="pool",
        subject_id=pool.id,
        reason=f"{row.payment_id} {told}",
        now=now,
    )
    return row


def _lock_waiting(refund_id: uuid.UUID) -> PoolRefund:
    row = queries.lock_refund(refund_id)
    if row is None or row.state is not RefundStage.FAILED:
        raise Conflict(_l("This does not wait any more."))
    if queries.is_payment_disputed(row.payment_id):
        raise Conflict(_l("The payment is disputed: now the bank decides who gets the money."))
    return row


def post(pool: Pool, kind: Kind, effect_key: str, entries: list[Entry], at: datetime) -> int | None:
    """Post what happens to a pool's money at the provider; None if it is in the book already."""
    return ledger.post(
        kind=kind,
        effect_key=effect_key,
        currency=pool.currency,
        entries=entries,
        subject_id=pool.id,
        effective_at=at,
    )

"""Money that is owed to a shopper goes out once more: by the provider, or from our own bank.

While a bank disputes the payment nothing is sent: it decides who gets the money. What it gives the
shopper is owed no more; what it leaves us of a payment that came too late goes back by itself.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime

from marketplace.accounts import service as accounts
from marketplace.accounts.models import User
from marketplace.checkout.service.owing import (
    due_to,
    late_payment_is_back,
    note_failed,
    sent_again,
)
from marketplace.core.db import session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _l
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import PLATFORM_BANK, Entry, Kind
from marketplace.orders import queries as orders
from marketplace.orders.models import FailedRefund, FailedRefundState, Order
from marketplace.payments import queries as payment_queries
from marketplace.payments import service as payments
from marketplace.payments.rules import CommandKind


def end_late_refund(*, payment_id: str, made: str | None, error: str, now: datetime) -> None:
    """Note how the refund of a late payment ended: the provider made one, or refused to.

    It refuses while a bank disputes the payment. Then it waits for the bank's decision, and where
    there was one for us already, it is sent again at once.
    """
    payment = payment_queries.find_payment(payment_id)
    if payment is None:
        return
    if made is not None:
        late_payment_is_back(payment_id, made, now)
        return
    orders.lock_order(payment.order_id)
    key = f"late:{payment_id}"
    due = ledger_queries.find_balance(due_to(payment.order_id), payment.currency)
    if orders.find_failed_refund(key) is not None or due <= 0:
        return
    failed = note_failed(
        FailedRefund(
            key=key,
            order_id=payment.order_id,
            payment_id=payment_id,
            currency=payment.currency,
            amount_minor=min(payment.amount_minor, due),
            why=error,
        ),
        now,
    )
    if orders.has_won(payment_id) and not orders.is_disputed(payment.order_id):
        _send(failed, now)


def refund_late_again(*, order: Order, payment_id: str, now: datetime) -> None:
    """Give a late payment back that the provider refused to give back while it was disputed."""
    failed = orders.find_failed_refund(f"late:{payment_id}")
    is_waiting = failed is not None and failed.state is FailedRefundState.WAITING
    if failed is not None and is_waiting and not orders.is_disputed(order.id):
        _send(failed, now)


def send_again(*, failed_refund_id: uuid.UUID, by: User, now: datetime) -> FailedRefund:
    """Ask the provider once more to give a shopper what they are owed.

    :raises NotFound: there is no such refund.
    :raises Conflict: it is not waiting, or a bank has to decide first.
    """
    failed = _lock_waiting(failed_refund_id)
    _record(failed, "refund.send_again", "", by, now)
    _send(failed, now)
    return failed


def pay_otherwise(
    *, failed_refund_id: uuid.UUID, reference: str, by: User, now: datetime
) -> FailedRefund:
    """Note that a shopper got what they are owed from our own bank; `reference` names the transfer.

    :raises NotFound: there is no such refund.
    :raises Conflict: it is not waiting, or a bank has to decide first.
    :raises Invalid: nothing names the transfer.
    """
    told = reference.strip()[:200]
    if not told:
        raise Invalid(
            fields={"reference": _l("Name the bank transfer, so that it is found again.")}
        )
    operator = by.id
    failed = _lock_waiting(failed_refund_id)
    ledger.post(
        kind=Kind.REFUND_OTHERWISE,
        effect_key=f"refund_otherwise:{failed.id}",
        currency=failed.currency,
        entries=[Entry(due_to(failed.order_id), PLATFORM_BANK, failed.amount_minor)],
        subject_id=failed.order_id,
        effective_at=now,
    )
    failed.state, failed.reference = FailedRefundState.PAID_OTHERWISE, told
    failed.ended_at, failed.ended_by_id = now, operator
    session.flush()
    _record(failed, "refund.paid_otherwise", told, by, now)
    return failed


def _lock_waiting(failed_refund_id: uuid.UUID) -> FailedRefund:
    orders.lock_order(orders.get_failed_refund(failed_refund_id).order_id)
    failed = orders.get_failed_refund(failed_refund_id)
    if failed.state is not FailedRefundState.WAITING:
        raise Conflict(_l("This money is on its way already, or has arrived."))
    if orders.is_disputed(failed.order_id):
        raise Conflict(_l("The payment is disputed: now the bank decides who gets the money."))
    return failed


def _record(failed: FailedRefund, action: str, reason: str, by: User, now: datetime) -> None:
    accounts.record(
        actor=by,
        action=action,
        subject_kind="order",
        subject_id=failed.order_id,
        reason=" ".join(filter(None, [failed.key, reason])),
        now=now,
    )


def _send(failed: FailedRefund, now: datetime) -> None:
    metadata: Mapping[str, str] = {"failed_refund": str(failed.id)}
    if failed.key.startswith("late:"):
        metadata = {**metadata, "late_payment": failed.payment_id}
    payments.command(
        kind=CommandKind.REFUND,
        subject_id=failed.id,
        params={
            "payment_intent": failed.payment_id,
            "amount": failed.amount_minor,
            "metadata": metadata,
        },
        now=now,
    )
    failed.state = FailedRefundState.SENDING
    session.flush()


def end_sending(
    *, failed_refund_id: uuid.UUID, made: str | None, error: str, now: datetime
) -> None:
    """Note how a refund that was sent again ended; refused, it waits for an operator again."""
    if made is not None:
        sent_again(failed_refund_id, made, now)
        return
    orders.lock_order(orders.get_failed_refund(failed_refund_id).order_id)
    failed = orders.get_failed_refund(failed_refund_id)
    if failed.state is FailedRefundState.SENDING:
        failed.state, failed.why = FailedRefundState.WAITING, error
        session.flush()


def close_taken(*, order: Order, currency: str, now: datetime) -> None:
    """Close what a bank gave the shopper by a dispute; what it left of it is owed still."""
    left = ledger_queries.find_balance(due_to(order.id), currency)
    for failed in orders.list_owed_of_order(order.id):
        stays = min(failed.amount_minor, left)
        left -= stays
        if stays:
            failed.amount_minor = stays
        else:
            failed.state, failed.ended_at = FailedRefundState.TAKEN_BY_BANK, now
    session.flush()

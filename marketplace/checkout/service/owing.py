"""What is owed back to shoppers: payments that came too late, and refunds that did not arrive.

It stands on the order's own account of refunds due. Companies and projects have no part in it:
what a refund took back from them it took once, and what becomes of the money afterwards is between
the shopper and us.
"""

import uuid
from datetime import datetime

from marketplace.campaigns import service as campaigns
from marketplace.checkout.service.refunding import settle_refund
from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_id
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger import service as ledger
from marketplace.ledger.rules import (
    CLEARING,
    AccountKey,
    Entry,
    Kind,
    Purpose,
)
from marketplace.orders import queries as orders
from marketplace.orders.models import FailedRefund, FailedRefundState, Order, Refund
from marketplace.payments import queries as payment_queries
from marketplace.payments.rules import RefundSeen

LOSSES = AccountKey(Purpose.LOSSES)


def due_to(order_id: uuid.UUID) -> AccountKey:
    """Return the account of what an order's shopper is owed back."""
    return AccountKey(Purpose.REFUND_DUE, order_id)


def paid_from_due(order_id: uuid.UUID, currency: str, minor: int) -> list[Entry]:
    """Return the entries for an amount that the provider took to give it to a shopper.

    What was not owed to them any more is a loss of the platform's: they have it twice.
    """
    due = due_to(order_id)
    there = min(ledger.lock_balances(keys=[due], currency=currency)[due], minor)
    return [Entry(due, CLEARING, there), Entry(LOSSES, CLEARING, minor - there)]


def take_refund(*, seen: RefundSeen, now: datetime) -> bool:
    """Record what the provider says of a refund that we asked for; say whether it is news.

    One that came to nothing is recorded as made, and then as failed: so whatever message comes
    first, the book is the same in the end.

    :raises NotFound: what it gives back is not here.
    :raises Conflict: it was taken for rejected, and others were given its place since.
    """
    is_told = not seen.came_to_nothing
    if seen.pool_refund_id is not None:
        return campaigns.take_refund(seen=seen, now=now)
    if seen.failed_refund_id is not None:
        is_news = sent_again(seen.failed_refund_id, seen.provider_id, now)
    elif seen.late_payment_id is not None:
        is_news = late_payment_is_back(seen.late_payment_id, seen.provider_id, now)
    elif seen.refund_id is not None:
        is_news = settle_refund(
            refund_id=seen.refund_id, provider_id=seen.provider_id, now=now, is_told=is_told
        )
    else:
        return False
    return is_news if is_told else _fail(seen, now)


def _fail(seen: RefundSeen, now: datetime) -> bool:
    """Post that a refund came back to us, and put what is owed again on the operator's desk."""
    made = ledger_queries.list_recorded(f"refund:{seen.provider_id}")
    recorded = [row for row in made if row.credit == CLEARING]
    about = _about(seen)
    if about is None or not recorded:
        return False
    order, payment_id, currency = about
    due = due_to(order.id)
    is_refund = seen.failed_refund_id is None and seen.late_payment_id is None
    # What companies, projects and pools gave or got for a refund stays so: this is the shopper's.
    entries = [
        Entry(CLEARING, due if is_refund else row.debit, row.amount_minor) for row in recorded
    ]
    posted = ledger.post(
        kind=Kind.REFUND_FAILED,
        effect_key=f"refund_failed:{seen.provider_id}",
        currency=currency,
        entries=entries,
        subject_id=order.id,
        effective_at=now,
    )
    amount = sum(entry.amount_minor for entry in entries if entry.credit == due)
    if posted is None or not amount:
        return posted is not None
    failed = note_failed(
        FailedRefund(
            key=seen.provider_id,
            order_id=order.id,
            refund_id=_refund_of(seen),
            payment_id=payment_id,
            currency=currency,
            amount_minor=amount,
            why=seen.why,
        ),
        now,
    )
    jobs.enqueue("refund_failed_mail", failed_refund_id=str(failed.id))
    return True


def note_failed(failed: FailedRefund, now: datetime) -> FailedRefund:
    """Put what a shopper is owed on the operator's desk."""
    failed.id, failed.failed_at, failed.state = new_id(), now, FailedRefundState.WAITING
    session.add(failed)
    session.flush()
    return failed


def _about(seen: RefundSeen) -> tuple[Order, str, str] | None:
    """Return the order, payment and currency of a refund."""
    if seen.failed_refund_id is not None:
        failed = orders.get_failed_refund(seen.failed_refund_id)
        return failed.order, failed.payment_id, failed.currency
    if seen.late_payment_id is not None:
        payment = payment_queries.find_payment(seen.late_payment_id)
        order = orders.lock_order(payment.order_id) if payment else None
        return (order, payment.id, payment.currency) if order and payment else None
    refund = session.get(Refund, seen.refund_id)
    order = orders.lock_order(refund.order_id) if refund else None
    return (order, order.payment_id or "", order.currency) if order else None


def _refund_of(seen: RefundSeen) -> uuid.UUID | None:
    """Return our own refund that failed, now or before it was sent again."""
    if seen.failed_refund_id is not None:
        return orders.get_failed_refund(seen.failed_refund_id).refund_id
    return seen.refund_id


def late_payment_is_back(payment_id: str, provider_id: str, now: datetime) -> bool:
    """Post that the provider gives a payment back that came too late. Once.

    :raises NotFound: the payment is not here.
    """
    payment = payment_queries.find_payment(payment_id)
    if payment is None:
        raise NotFound
    orders.lock_order(payment.order_id)
    posted = ledger.post(
        kind=Kind.LATE_PAYMENT_REFUND,
        effect_key=f"refund:{provider_id}",
        currency=payment.currency,
        entries=paid_from_due(payment.order_id, payment.currency, payment.amount_minor),
        subject_id=payment.order_id,
        effective_at=now,
    )
    return posted is not None


def sent_again(failed_refund_id: uuid.UUID, provider_id: str, now: datetime) -> bool:
    """Post that the provider gives back once more what failed before. Once.

    :raises NotFound: there is no such refund.
    """
    orders.lock_order(orders.get_failed_refund(failed_refund_id).order_id)
    failed = orders.get_failed_refund(failed_refund_id)
    posted = ledger.post(
        kind=Kind.REFUND_AGAIN,
        effect_key=f"refund:{provider_id}",
        currency=failed.currency,
        entries=paid_from_due(failed.order_id, failed.currency, failed.amount_minor),
        subject_id=failed.order_id,
        effective_at=now,
    )
    if failed.is_owed:
        failed.state, failed.ended_at = FailedRefundState.SENT_AGAIN, now
        session.flush()
    return posted is not None

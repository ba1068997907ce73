"""What happens to an order after it is paid, and before money moves again."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.ledger import queries as ledger
from marketplace.orders.models import CompanyOrder, CompanyOrderState, GivenFollowing, Order
from marketplace.orders.queries import given

DELIVERY_ALLOWANCE = timedelta(days=3)
"""We hear of the sending, not of the delivery: the return window begins this long after."""
GIVEN_LOCK = 0x676976656E
"""The advisory lock of who adds up what companies gave."""


def mark_sent(
    *, company_order: CompanyOrder, tracking: str, return_window: timedelta, now: datetime
) -> None:
    """Note that a parcel is on its way; the return window is known from then on.

    :raises Conflict: it was not waiting to be sent.
    """
    if company_order.state is not CompanyOrderState.TO_SEND:
        raise Conflict(_l("Only an order that is paid and not sent yet can be marked as sent."))
    company_order.state = CompanyOrderState.SENT
    company_order.tracking = tracking
    company_order.sent_at = now
    company_order.window_closes_at = now + DELIVERY_ALLOWANCE + return_window
    session.flush()
    jobs.enqueue("order_sent_mail", company_order_id=str(company_order.id))


def claim(*, email: str, customer_id: uuid.UUID) -> int:
    """Give a person the orders made as a guest with the same, confirmed address."""
    result = session.execute(
        sa.update(Order)
        .where(Order.email == email, Order.customer_id.is_(None))
        .values(customer_id=customer_id)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one


def fold_given(*, most: int = 200_000) -> bool:
    """Add what the book moved to the sums of what companies gave; say whether there is more.

    For the caller's own transaction; of several at once, one does it.
    """
    if not session.scalar(sa.text("select pg_try_advisory_xact_lock(:key)"), {"key": GIVEN_LOCK}):
        return False
    following = session.get(GivenFollowing, 1) or GivenFollowing(
        id=1, done_id=0, seen_id=0, seen_xid=0
    )
    session.add(following)
    newest = ledger.newest_id()
    oldest, next_xid = ledger.transactions()
    if not following.reaches_seen(oldest, next_xid):
        return False
    until = min(following.seen_id, following.done_id + most)
    given.fold(after=following.done_id, until=until)
    following.done_id = until
    if until < following.seen_id:
        return True
    following.seen_id, following.seen_xid = newest, next_xid
    return False

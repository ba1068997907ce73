"""Gift receipts: written for what is confirmed, cancelled when it is given back."""

import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from marketplace.core import jobs
from marketplace.core.db import session
from marketplace.core.errors import Conflict
from marketplace.core.i18n import _l
from marketplace.core.ids import new_id
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from marketplace.papers import queries
from marketplace.papers.models import GiftReceipt, GiftRecipient, GiftRequest
from marketplace.papers.rules import Gift, Why, gifts_of
from marketplace.papers.service.numbering import next_serial

FORGOTTEN = "\N{EM DASH}"
"""Stands where the giver was named; no receipt is written in that name."""


@dataclass(frozen=True)
class Giver:
    """In whose name a gift receipt is written."""

    name: str
    street: str
    postal_code: str
    city: str
    country: str


def ask(*, order_id: uuid.UUID, giver: Giver, locale: str, now: datetime) -> list[GiftReceipt]:
    """Keep in whose name receipts are wanted, and write those that can be written already.

    Asked again it changes the name on receipts that are still to come. Returns what was written.

    :raises Conflict: the order holds no gift of the shopper's own.
    """
    order = orders.lock_order(order_id)
    if order is None or order.state is not OrderState.PAID or not order.top_up_minor:
        raise Conflict(_l("There is no gift of your own in this order."))
    request = queries.find_request(order_id, lock=True)
    if request is None:
        request = GiftRequest(order_id=order_id, asked_at=now, looked_at=now)
        session.add(request)
    for name, value in asdict(giver).items():
        setattr(request, name, value)
    request.locale = locale
    session.flush()
    return _look_after(order, request, now)


def look_after(*, order_id: uuid.UUID, now: datetime) -> list[GiftReceipt]:
    """Write and cancel an order's gift receipts as its money stands now; return the new ones."""
    order = orders.lock_order(order_id)
    request = queries.find_request(order_id, lock=True)
    return [] if order is None or request is None else _look_after(order, request, now)


def forget(*, order_ids: Collection[uuid.UUID]) -> None:
    """Take out in whose name receipts were wanted.

    A receipt that was written says itself to whom, as the law asks. What stays of its request is
    only that the order is looked at again: a receipt that is not true any more is cancelled.
    """
    gone = dict.fromkeys(("name", "street", "postal_code", "city"), FORGOTTEN)
    is_written = sa.exists().where(GiftReceipt.order_id == GiftRequest.order_id)
    asked = GiftRequest.order_id.in_(order_ids)
    session.execute(sa.delete(GiftRequest).where(asked, ~is_written))
    session.execute(sa.update(GiftRequest).where(asked).values(**gone))


def _look_after(order: Order, request: GiftRequest, now: datetime) -> list[GiftReceipt]:
    gifts = gifts_of(queries.stands_of(order.id))
    live = {
        one.project_id: one
        for one in queries.list_receipts_of_order(order.id)
        if one.cancelled_at is None
    }
    for project_id, receipt in live.items():
        _cancel_if_untrue(receipt, gifts.get(project_id, Gift()), order, now)
    session.flush()
    held = {one for one, receipt in live.items() if receipt.cancelled_at is None}
    given_on = (order.paid_at or order.placed_at).date()
    recipients = queries.list_recipients_of(list(gifts), given_on)
    due = [
        (recipients[one], gift)
        for one, gift in gifts.items()
        if one in recipients and one not in held and gift.confirmed_minor and gift.is_decided
    ]
    if request.name == FORGOTTEN:
        due = []
    # Series are locked in one order, so that two orders never wait for each other.
    written = [
        _write(order, request, recipient, gift, now)
        for recipient, gift in sorted(due, key=lambda pair: pair[0].series)
    ]
    request.looked_at, request.seen_refunded_minor = now, order.refunded_minor
    request.is_settled = all(gift.is_decided for gift in gifts.values())
    session.flush()
    return written


def _cancel_if_untrue(receipt: GiftReceipt, gift: Gift, order: Order, now: datetime) -> None:
    """Cancel a receipt whose amount is not the gift any more; a dispute has to be decided first."""
    if gift.frozen_minor or gift.confirmed_minor == receipt.amount_minor:
        return
    receipt.cancelled_at = now
    receipt.cancelled_why = Why.REFUNDED if order.refunded_minor else Why.REROUTED
    jobs.enqueue("gift_cancelled_mail", receipt_id=str(receipt.id))


def _write(
    order: Order, request: GiftRequest, recipient: GiftRecipient, gift: Gift, now: datetime
) -> GiftReceipt:
    given_on = (order.paid_at or order.placed_at).date()
    receipt = GiftReceipt(
        id=new_id(),
        order_id=order.id,
        project_id=recipient.project_id,
        recipient_id=recipient.id,
        series=recipient.series,
        year=given_on.year,
        serial=next_serial(recipient.series, given_on.year),
        currency=order.currency,
        amount_minor=gift.confirmed_minor,
        given_on=given_on,
        name=request.name,
        street=request.street,
        postal_code=request.postal_code,
        city=request.city,
        country=request.country,
        locale=request.locale,
        issued_at=now,
    )
    session.add(receipt)
    session.flush()
    jobs.enqueue("gift_receipt_mail", receipt_id=str(receipt.id))
    return receipt

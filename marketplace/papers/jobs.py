"""Papers that become due, and letters about them."""

import uuid
from datetime import timedelta

from marketplace.core import mail
from marketplace.core.addresses import public_url
from marketplace.core.clock import now
from marketplace.core.db import atomic, session
from marketplace.core.worker import task
from marketplace.orders import queries as orders
from marketplace.papers import queries, service
from marketplace.papers.models import GiftReceipt

LOOK_BACK = timedelta(days=3)
"""Orders of so many days get their invoices by themselves; older ones when somebody asks."""
PARTS_A_BATCH = 50
"""So many invoices are written at once: who asks for one of theirs waits a moment at most."""


@task("look_after_gift_receipts", every="*/10 * * * *")
def look_after_gift_receipts() -> None:
    """Write the gift receipts that became due, cancel those that are not true any more."""
    due = queries.list_to_look_at()
    session.rollback()
    for order_id in due:
        with atomic():
            service.look_after(order_id=order_id, now=now())


@task("write_invoices", every="*/10 * * * *")
def write_invoices() -> None:
    """Write the invoices and credit notes of the last days, in the order of time."""
    since = now() - LOOK_BACK
    without = queries.list_without_invoice(since)
    session.rollback()
    for first in range(0, len(without), PARTS_A_BATCH):
        with atomic():
            service.write_invoices(
                company_order_ids=without[first : first + PARTS_A_BATCH], now=now()
            )
    not_credited = queries.list_without_credit_notes(since)
    session.rollback()
    for part in not_credited:
        with atomic():
            service.write_papers(company_order_id=part, now=now())


@task("gift_receipt_mail")
def gift_receipt_mail(*, receipt_id: str) -> None:
    """Tell the giver that a gift receipt is written."""
    _send("gift_receipt", queries.get_gift_receipt(uuid.UUID(receipt_id)))


@task("gift_cancelled_mail")
def gift_cancelled_mail(*, receipt_id: str) -> None:
    """Tell the giver that a gift receipt does not hold any more, and why."""
    _send("gift_cancelled", queries.get_gift_receipt(uuid.UUID(receipt_id)))


def _send(kind: str, receipt: GiftReceipt) -> None:
    order = orders.get_order(receipt.order_id)
    site = public_url(language=receipt.locale)
    mail.send(
        to=order.email,
        kind=kind,
        locale=receipt.locale,
        key=f"{kind.replace('_', '-')}-{receipt.id}",
        receipt=receipt,
        order=order,
        link=f"{site}/receipt/{order.token}/papers",
    )

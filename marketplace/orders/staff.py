"""The operator's view of orders: each with its ledger, and refunds."""

import uuid
from datetime import datetime

from flask import Blueprint, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.paging import decode_cursor
from marketplace.core.web import access, redirect_to, render
from marketplace.ledger import queries as ledger
from marketplace.orders import queries

blueprint = Blueprint("orders_staff", __name__)


@blueprint.get("/staff/orders")
@access("staff")
def orders() -> tuple[str, int]:
    """List orders, the newest first; a number in the search leads to one."""
    cursor = decode_cursor(request.args.get("after"), 2)
    before = None
    if cursor:
        try:
            before = (datetime.fromisoformat(str(cursor[0])), uuid.UUID(str(cursor[1])))
        except ValueError:
            before = None
    number = request.args.get("number", "").strip()[:40]
    return render(
        "staff/orders.html", page=queries.list_all(number=number, before=before), number=number
    )


@blueprint.get("/staff/orders/<uuid:order_id>")
@access("staff")
def order(order_id: uuid.UUID) -> tuple[str, int]:
    """Show an order with every transfer about it."""
    found = queries.get_order(order_id)
    return render(
        "staff/order.html",
        order=found,
        book=ledger.list_book_of_order(order_id),
        refunds=queries.list_refunds(order_id),
    )


@blueprint.post("/staff/orders/<uuid:order_id>/refund")
@access("staff")
def refund(order_id: uuid.UUID) -> Response:
    """Give back everything, or the pieces and parcels that were ticked."""
    reason = request.form.get("reason", "")
    with atomic():
        if request.form.get("what") == "all":
            checkout.request_full_refund(
                order_id=order_id, reason=reason, requested_by_id=current_user.id, now=clock.now()
            )
        else:
            checkout.request_refund(
                order_id=order_id,
                pieces=_pieces(),
                shipping=[uuid.UUID(one) for one in request.form.getlist("parcel")],
                reason=reason,
                requested_by_id=current_user.id,
                now=clock.now(),
            )
        accounts.record(
            actor=current_user,
            action="order.refund",
            subject_kind="order",
            subject_id=order_id,
            reason=reason,
            now=clock.now(),
        )
    return redirect_to("orders_staff.order", order_id=order_id)


def _pieces() -> dict[uuid.UUID, int]:
    """Return the pieces of each line that the form names."""
    wanted: dict[uuid.UUID, int] = {}
    for name, count in request.form.items():
        if name.startswith("line-") and count.isdigit() and int(count):
            wanted[uuid.UUID(name.removeprefix("line-"))] = int(count)
    return wanted

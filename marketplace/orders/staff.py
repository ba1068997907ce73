"""The operator's view of orders: each with its ledger, and refunds."""

import uuid
from datetime import datetime

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor
from marketplace.core.web import Form, access, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.ledger import queries as ledger
from marketplace.orders import queries
from marketplace.orders.models import Dispute

blueprint = Blueprint("orders_staff", __name__)


@blueprint.get("/staff/orders")
@access("staff")
def orders() -> tuple[str, int]:
    """List orders, the newest first; a number in the search leads to one."""
    number = request.args.get("number", "").strip()[:40]
    return render(
        "staff/orders.html",
        page=queries.list_all(number=number, before=_moment_and_id()),
        number=number,
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
        disputes=queries.list_disputes_of_order(order_id),
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


@blueprint.get("/staff/disputes")
@access("staff")
def disputes() -> tuple[str, int]:
    """List open disputes, what is due first; or those that the bank has decided, the newest."""
    are_open = request.args.get("state") != "over"
    return render(
        "staff/disputes.html",
        disputes=queries.list_disputes(are_open=are_open),
        are_open=are_open,
        now=clock.now(),
    )


@blueprint.get("/staff/disputes/<dispute_id>")
@access("staff")
def dispute(dispute_id: str) -> tuple[str, int]:
    """Show a dispute: what was paid, what was said against it, what it did to the book."""
    return _dispute_page(dispute_id, Form())


@blueprint.post("/staff/disputes/<dispute_id>/note")
@access("staff")
def add_note(dispute_id: str) -> Response | tuple[str, int]:
    """Add what the operator has to say."""
    form = Form(values=request.form.to_dict())
    if form.ok:
        with attempt(form, whole="body"):
            checkout.add_note(
                dispute_id=dispute_id,
                company_id=None,
                author_id=current_user.id,
                body=request.form.get("body", ""),
                now=clock.now(),
            )
            _record("dispute.note", dispute_id)
            flash(_("Added. It goes to the bank with the evidence."))
            return redirect_to("orders_staff.dispute", dispute_id=dispute_id)
    return _dispute_page(dispute_id, form, 422)


@blueprint.post("/staff/disputes/<dispute_id>/evidence")
@access("staff")
def submit_evidence(dispute_id: str) -> Response:
    """Send the facts and all notes to the bank; it takes them once."""
    found = queries.get_dispute(dispute_id)
    with atomic():
        checkout.submit_evidence(dispute_id=dispute_id, page_url=_page_url(found), now=clock.now())
        _record("dispute.evidence", dispute_id)
    flash(_("The evidence is on its way to the bank."))
    return redirect_to("orders_staff.dispute", dispute_id=dispute_id)


def _record(action: str, dispute_id: str) -> None:
    accounts.record(
        actor=current_user,
        action=action,
        subject_kind="dispute",
        subject_id=dispute_id,
        now=clock.now(),
    )


def _dispute_page(dispute_id: str, form: Form, status: int = 200) -> tuple[str, int]:
    found = queries.get_dispute(dispute_id)
    subject = found.order_id or (found.pool_payment and found.pool_payment.pool_id)
    book = ledger.list_book_of_order(subject) if subject else []
    return render(
        "staff/dispute.html",
        status,
        dispute=found,
        facts=checkout.facts_about(found, page_url=_page_url(found)),
        book=[line for line in book if line.effect_key.startswith(f"dispute:{found.id}:")],
        form=form,
        now=clock.now(),
    )


@blueprint.get("/staff/refunds")
@access("staff")
def failed_refunds() -> tuple[str, int]:
    """List refunds that did not arrive: of those still owed the oldest first, else the newest."""
    are_owed = request.args.get("state") != "over"
    page = queries.list_failed_refunds(are_owed=are_owed, after=_moment_and_id())
    return render(
        "staff/failed_refunds.html",
        page=page,
        are_owed=are_owed,
        disputed=queries.list_disputed_among([one.order_id for one in page.rows]),
        now=clock.now(),
    )


@blueprint.get("/staff/refunds/<uuid:failed_refund_id>")
@access("staff")
def failed_refund(failed_refund_id: uuid.UUID) -> tuple[str, int]:
    """Show a refund that did not arrive, and what can be done about it."""
    return _failed_page(failed_refund_id, Form())


@blueprint.post("/staff/refunds/<uuid:failed_refund_id>/send")
@access("staff")
def send_again(failed_refund_id: uuid.UUID) -> Response:
    """Ask the provider to give it back once more."""
    with atomic():
        checkout.send_again(failed_refund_id=failed_refund_id, by=current_user, now=clock.now())
    flash(_("It is being sent again."))
    return redirect_to("orders_staff.failed_refund", failed_refund_id=failed_refund_id)


@blueprint.post("/staff/refunds/<uuid:failed_refund_id>/paid")
@access("staff")
def paid_otherwise(failed_refund_id: uuid.UUID) -> Response | tuple[str, int]:
    """Note that it was paid from our own bank; the book says so from now on."""
    form = Form(values=request.form.to_dict())
    if form.ok:
        with attempt(form, whole="reference"):
            checkout.pay_otherwise(
                failed_refund_id=failed_refund_id,
                reference=request.form.get("reference", ""),
                by=current_user,
                now=clock.now(),
            )
            flash(_("It is in the book: the shopper has the money."))
            return redirect_to("orders_staff.failed_refund", failed_refund_id=failed_refund_id)
    return _failed_page(failed_refund_id, form, 422)


def _failed_page(failed_refund_id: uuid.UUID, form: Form, status: int = 200) -> tuple[str, int]:
    found = queries.get_failed_refund(failed_refund_id)
    kinds = ("refund", "refund_failed", "refund_again", "refund_otherwise", "late_payment_refund")
    return render(
        "staff/failed_refund.html",
        status,
        failed=found,
        is_disputed=queries.is_disputed(found.order_id),
        book=[line for line in ledger.list_book_of_order(found.order_id) if line.kind in kinds],
        form=form,
        now=clock.now(),
    )


def _moment_and_id() -> tuple[datetime, uuid.UUID] | None:
    """Return the row after which a page begins."""
    cursor = decode_cursor(request.args.get("after"), 2)
    if cursor is None:
        return None
    try:
        return datetime.fromisoformat(str(cursor[0])), uuid.UUID(str(cursor[1]))
    except ValueError:
        return None


def _page_url(dispute: Dispute) -> str:
    """Return where everybody who has the address sees what was paid: a receipt, or a pool."""
    site = public_url()
    if dispute.order is not None:
        return f"{site}/receipt/{dispute.order.token}"
    return f"{site}/pools/{dispute.pool_payment.pool.slug}" if dispute.pool_payment else site

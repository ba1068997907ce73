"""The papers of an order, at the receipt's address: invoices, credit notes, gift receipts."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, flash

from marketplace.accounts.views import limits
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.core.web.languages import current_language
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState, RefundState
from marketplace.papers import queries, service
from marketplace.papers.models import GiftReceipt, GiftRecipient, Invoice
from marketplace.papers.rules import Gift, gifts_of
from marketplace.papers.schemas import GiverInput, list_countries
from marketplace.papers.views import documents
from marketplace.papers.views.routes import Page, blueprint, pdf, private


@dataclass(frozen=True)
class OwnGift:
    """A project's part of the shopper's own gift, and whether there are receipts for it."""

    title: str
    slug: str
    gift: Gift
    recipient: GiftRecipient | None
    receipt: GiftReceipt | None
    """The one that holds."""

    @property
    def is_awaited(self) -> bool:
        """Say whether a receipt may still be written."""
        left = self.gift.pending_minor + self.gift.confirmed_minor + self.gift.frozen_minor
        return bool(self.recipient and left and not self.receipt)


@blueprint.get("/receipt/<token>/papers")
@access("public")
def papers(token: str) -> Response:
    """Show an order's invoices, credit notes and gift receipts; what is missing is written now."""
    return _page(_paid(token), Form())


@blueprint.post("/receipt/<token>/papers")
@access("public")
def ask(token: str) -> Page:
    """Keep in whose name gift receipts are wanted; what is confirmed gets its receipt at once."""
    order = _paid(token)
    order_id = order.id
    limits.try_letter("gift-receipt", order.email, now=clock.now())
    form = load_form(GiverInput())
    if form.ok:
        with attempt(form):
            written = service.ask(
                order_id=order_id,
                giver=service.Giver(**form.data),
                locale=current_language(),
                now=clock.now(),
            )
            flash(
                _("Your gift receipt is written.")
                if written
                else _("Noted. You get your gift receipt by letter once the gift is confirmed.")
            )
            return redirect_to("papers.papers", token=token)
    return _page(_paid(token), form, 422)


def _paid(token: str) -> Order:
    """Return a paid order by the secret of its receipt.

    :raises NotFound: there is none; what was never paid has no papers.
    """
    order = orders.get_by_token(token)
    if order.state is not OrderState.PAID:
        raise NotFound
    return order


def _page(order: Order, form: Form, status: int = 200) -> Response:
    if missing := _missing(order):
        token = order.token
        with atomic():
            for part in missing:
                service.write_papers(company_order_id=part, now=clock.now())
        order = _paid(token)
    written = queries.list_invoices([part.id for part in order.company_orders])
    receipts = queries.list_receipts_of_order(order.id) if order.top_up_minor else []
    return private(
        render(
            "papers/order.html",
            status,
            order=order,
            form=form,
            by_part=[
                (part.company, [one for one in written if one.company_order_id == part.id])
                for part in order.company_orders
            ],
            gifts=_gifts(order, receipts),
            cancelled=[one for one in receipts if one.cancelled_at],
            known=queries.find_request(order.id) if order.top_up_minor else None,
            countries=list_countries(current_language()),
        )
    )


def _missing(order: Order) -> list[uuid.UUID]:
    """Return the parts of an order whose invoice or credit notes are not all written, in order."""
    parts = [part.id for part in order.company_orders]
    known = {(one.company_order_id, one.refund_id) for one in queries.list_invoices(parts)}
    due: set[tuple[uuid.UUID, uuid.UUID | None]] = {(part, None) for part in parts}
    if order.refunded_minor:
        due |= {
            (row.company_order_id, refund.id)
            for refund in orders.list_refunds(order.id)
            if refund.state is RefundState.DONE
            for row in refund.lines
        }
    missing = {part for part, _refund in due - known}
    return sorted(missing)


def _gifts(order: Order, receipts: Sequence[GiftReceipt]) -> list[OwnGift]:
    if not order.top_up_minor:
        return []
    stands = gifts_of(queries.stands_of(order.id))
    live = {one.project_id: one for one in receipts if one.cancelled_at is None}
    recipients = queries.list_recipients_of(list(stands), _given_on(order))
    names = {one.project_id: (one.project.title, one.project.slug) for one in order.allocations}
    names |= queries.titles_of([one for one in stands if one not in names])
    return [
        OwnGift(*names[one], gift, recipients.get(one), live.get(one))
        for one, gift in stands.items()
    ]


def _given_on(order: Order) -> date:
    return (order.paid_at or order.placed_at).date()


@blueprint.get("/receipt/<token>/invoices/<uuid:invoice_id>.pdf")
@access("public")
def invoice(token: str, invoice_id: uuid.UUID) -> Response:
    """Serve an invoice or credit note of the order."""
    parts = [part.id for part in _paid(token).company_orders]
    return invoice_file(queries.get_invoice(invoice_id, parts))


def invoice_file(found: Invoice) -> Response:
    """Serve an invoice or credit note; the latter says which invoice it corrects."""
    corrected = None
    if found.refund_id is not None:
        mine = queries.list_invoices([found.company_order_id])
        corrected = next(one for one in mine if one.refund_id is None)
    return pdf(documents.invoice_pdf(found, corrected), found.number)


@blueprint.get("/receipt/<token>/gifts/<uuid:receipt_id>.pdf")
@access("public")
def gift(token: str, receipt_id: uuid.UUID) -> Response:
    """Serve a gift receipt of the order; one that does not hold any more says so in red."""
    order = _paid(token)
    order_id = order.id
    found = queries.get_gift_receipt(receipt_id)
    if found.order_id != order_id:
        raise NotFound
    if found.cancelled_at is None and order.refunded_minor:
        with atomic():  # the job may not have come by yet: nobody gets a paper that is untrue
            service.look_after(order_id=order_id, now=clock.now())
        found = queries.get_gift_receipt(receipt_id)
    return pdf(documents.gift_pdf(found), f"{found.number}")

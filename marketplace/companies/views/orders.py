"""A company's own orders: what to send, what was sent, what comes back."""

import uuid
from datetime import timedelta

from flask import Blueprint, current_app, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.checkout import service as checkout
from marketplace.companies import rules
from marketplace.companies.models import Company
from marketplace.companies.schemas import RefundInput, SentInput
from marketplace.companies.views.own import own_membership
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.errors import Conflict, Invalid, NotFound
from marketplace.core.i18n import _
from marketplace.core.paging import decode_cursor, page_of
from marketplace.core.web import Form, access, load_form, redirect_to, render
from marketplace.core.web.forms import attempt
from marketplace.ledger.rules import Source
from marketplace.orders import queries, service
from marketplace.orders.models import CompanyOrder, CompanyOrderState, Refund

blueprint = Blueprint("company_orders", __name__)

Page = tuple[str, int]
STATES = {"send": CompanyOrderState.TO_SEND, "sent": CompanyOrderState.SENT, "all": None}
ROWS = 40


@blueprint.get("/company/<slug>/orders")
@access("member")
def orders(slug: str) -> Page:
    """List the company's paid orders, the newest first."""
    company = own_membership(slug).company
    wanted = request.args.get("state", "send")
    wanted = wanted if wanted in STATES else "send"
    before = rules.moment_of(decode_cursor(request.args.get("after"), 2))
    rows = queries.list_of_company(company.id, state=STATES[wanted], before=before, limit=ROWS + 1)
    return render(
        "companies/desk/orders.html",
        company=company,
        wanted=wanted,
        is_first=before is None,
        page=page_of(rows, ROWS, lambda row: (row.placed_at.isoformat(), row.id)),
    )


@blueprint.get("/company/<slug>/orders/<number>")
@access("member")
def order(slug: str, number: str) -> Page:
    """Show one order: where it goes, what is in it, what it gives."""
    company = own_membership(slug).company
    return _page(company, _own(company, number), Form())


@blueprint.post("/company/<slug>/orders/<number>/sent")
@access("member")
def mark_sent(slug: str, number: str) -> Page | Response:
    """Note that the parcel is on its way."""
    company = own_membership(slug).company
    found = _own(company, number)
    form = load_form(SentInput())
    if form.ok:
        with atomic():
            service.mark_sent(
                company_order=found,
                tracking=form.data["tracking"],
                return_window=timedelta(days=current_app.config["SETTINGS"].return_window_days),
                now=clock.now(),
            )
        flash(_("Marked as sent. The shopper is told by e-mail."))
        return redirect_to("company_orders.order", slug=slug, number=number)
    return _page(company, found, form, status=422)


@blueprint.post("/company/<slug>/orders/<number>/refund")
@access("member")
def refund(slug: str, number: str) -> Page | Response:
    """Give back pieces of the company's own lines, or its parcel."""
    company = own_membership(slug).company
    found = _own(company, number)
    form = load_form(RefundInput())
    if form.ok:
        pieces = dict(zip(form.data["line"], form.data["pieces"], strict=False))
        if set(pieces) - {line.id for line in found.lines}:
            raise NotFound
        try:
            with atomic():
                _request_refund(found, pieces, form)
        except Invalid as error:
            form.refuse(error.fields)
        except Conflict as error:
            form.refuse({"pieces": error.message})
        else:
            flash(_("The refund is on its way. The shopper is told when it is done."))
            return redirect_to("company_orders.order", slug=slug, number=number)
        found = _own(own_membership(slug).company, number)
    return _page(company, found, form, status=422)


def _request_refund(found: CompanyOrder, pieces: dict[uuid.UUID, int], form: Form) -> None:
    checkout.request_refund(
        order_id=found.order_id,
        pieces={line: count for line, count in pieces.items() if count},
        shipping=[found.id] if form.data["parcel"] else [],
        reason=form.data["reason"],
        requested_by_id=current_user.id,
        now=clock.now(),
    )
    accounts.record(
        actor=current_user,
        action="order.refund",
        subject_kind="order",
        subject_id=found.order_id,
        reason=form.data["reason"],
        now=clock.now(),
    )


def _own(company: Company, number: str) -> CompanyOrder:
    """Return one of the company's own orders that was paid.

    :raises NotFound: there is none; another company's is none either.
    """
    found = queries.find_company_order(company.id, number)
    if found is None or found.state is CompanyOrderState.AWAITING_PAYMENT:
        raise NotFound
    return found


def _page(company: Company, found: CompanyOrder, form: Form, *, status: int = 200) -> Page:
    given: dict[str, int] = {}
    for line in found.lines:
        for one in line.allocations:
            if one.source is not Source.PLEDGE:
                continue  # what a sponsor adds is no share of the company's
            given[one.project.title] = given.get(one.project.title, 0) + one.amount_minor
    return render(
        "companies/desk/order.html",
        status,
        company=company,
        part=found,
        order=found.order,
        form=form,
        typed=_typed(form),
        given=given,
        refunds=_own_refunds(found),
        disputes=queries.list_disputes_of_order(found.order_id),
        now=clock.now(),
    )


@blueprint.post("/company/<slug>/orders/<number>/dispute/<dispute_id>")
@access("member")
def answer_dispute(slug: str, number: str, dispute_id: str) -> Page | Response:
    """Say something against a dispute; the operator sends it to the bank."""
    company = own_membership(slug).company
    found = _own(company, number)
    if dispute_id not in {one.id for one in queries.list_disputes_of_order(found.order_id)}:
        raise NotFound
    form = Form(values=request.form.to_dict())
    if form.ok:
        with attempt(form, whole="body"):
            checkout.add_note(
                dispute_id=dispute_id,
                company_id=company.id,
                author_id=current_user.id,
                body=request.form.get("body", ""),
                now=clock.now(),
            )
            flash(_("Added. We send it to the bank with the facts of the order."))
            return redirect_to("company_orders.order", slug=slug, number=number)
    return _page(company, _own(company, number), form, status=422)


def _typed(form: Form) -> dict[str, str]:
    """Return the pieces that were typed, by line."""
    values = form.values
    return dict(zip(values.get("line", ()), values.get("pieces", ()), strict=False))


def _own_refunds(found: CompanyOrder) -> list[tuple[Refund, int]]:
    """Return the refunds that touch this part of the order, and how much of each is of it."""
    parts = [
        (one, sum(row.amount_minor for row in one.lines if row.company_order_id == found.id))
        for one in queries.list_refunds(found.order_id)
    ]
    return [(one, amount) for one, amount in parts if amount]

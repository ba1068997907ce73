"""The last step: read it once more, place the order, go to the payment page."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app, redirect, request

from marketplace.checkout import jobs, service
from marketplace.checkout.schemas import PlaceInput
from marketplace.checkout.views import basket as basket_pages
from marketplace.checkout.views import causes, visit
from marketplace.checkout.views import projects as project_pages
from marketplace.checkout.views.causes import Standing
from marketplace.checkout.views.routes import Page, blueprint
from marketplace.checkout.views.visit import Visit
from marketplace.core import clock
from marketplace.core.db import atomic, session, violated
from marketplace.core.errors import Conflict, DomainError, Invalid
from marketplace.core.failpoints import failpoint
from marketplace.core.i18n import _
from marketplace.core.web import access, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.core.web.languages import current_language
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from marketplace.payments import queries as payments
from marketplace.payments.rules import CommandKind

SAME_KEY = "uq_customer_order_checkout_key"


@blueprint.get("/checkout/payment")
@access("public")
def payment() -> Page:
    """Show all that is about to be agreed."""
    found = visit.find_visit()
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    standing = causes.standing_of(found)
    if not standing.is_complete or standing.lost:
        return redirect_to("checkout.projects")
    return _show(found, standing)


def _show(
    found: Visit, standing: Standing, status: int = 200, problem: object = ""
) -> tuple[str, int]:
    top_up = causes.top_up_of(found)
    delivery = found.basket.draft["delivery"]
    return render(
        "checkout/payment.html",
        status,
        priced=found.priced,
        delivery=delivery,
        disclosed=visit.disclosed(found.priced, standing.rows, top_up, delivery),
        disclosures=visit.disclosures(found.priced),
        standing=standing,
        rows=standing.rows,
        matrix=causes.matrix_of(found.priced, standing),
        top_up_minor=top_up,
        total_minor=found.priced.total_minor + top_up,
        matching=causes.matching_of(found, standing),
        show_name=bool(found.basket.draft.get("show_name")),
        checkout_key=found.basket.checkout_key,
        problem=str(problem),
    )


@blueprint.post("/checkout/payment")
@access("public")
def place() -> Page:
    """Place the order and go to the payment page; pressed twice, it finds the same order."""
    form = load_form(PlaceInput())
    if not form.ok:
        return redirect_to("checkout.payment")
    found = visit.find_visit()
    if not _is_fresh(found, form.data["checkout_key"]):
        known = orders.find_by_checkout_key(form.data["checkout_key"])
        if known is not None:
            return to_payment_page(known)
    back = visit.missing_step(found, needs_delivery=True)
    if found is None or back is not None:
        return back or redirect_to("checkout.basket")
    standing = causes.standing_of(found)
    if not standing.is_complete or standing.lost:
        return redirect_to("checkout.projects")
    if found.basket.checkout_key != form.data["checkout_key"]:
        return _show(
            found,
            standing,
            409,
            _("Your order has changed since you opened this page. Please read it again."),
        )
    return _place(found, standing, form)


def _is_fresh(found: Visit | None, checkout_key: str) -> bool:
    """Say whether a basket was the one that was shown, and no order at all, when it was read."""
    if found is None or found.basket.checkout_key != checkout_key:
        return False
    return "order_id" not in found.basket.draft


def _place(found: Visit, standing: Standing, form: Form) -> Page:
    let_go_of_unpaid(found)
    wish = _wish(found, standing, form.data)
    settings = current_app.config["SETTINGS"]
    site = settings.public_url + request.script_root
    now = clock.now()
    try:
        with atomic():
            order, sending = service.place(
                wish=wish,
                commission_bp=settings.commission_bp,
                hold=timedelta(minutes=settings.hold_minutes),
                success_url=f"{site}/checkout/done/{{token}}?session_id={{CHECKOUT_SESSION_ID}}",
                cancel_url=f"{site}/checkout/back/{{token}}",
                now=now,
                times=visit.times(),
            )
            service.note_order(basket_id=found.basket.id, order_id=order.id)
            failpoint("before placing is committed")
    except sa.exc.IntegrityError as error:
        twin = orders.find_by_checkout_key(wish.checkout_key)
        if violated(error) != SAME_KEY or twin is None:
            raise
        return to_payment_page(twin)
    except DomainError as fact:
        # The second of two clicks waits for the first, which may have taken the last piece.
        twin = orders.find_by_checkout_key(wish.checkout_key)
        return to_payment_page(twin) if twin is not None else _back_with(fact)
    failpoint("after placing")
    jobs.send(sending)
    return to_payment_page(order)


def _wish(
    found: Visit, standing: Standing, seen: Mapping[str, Any]
) -> service.PlaceOrder:  # Any: the form's
    draft = found.basket.draft
    said = draft["delivery"]
    if not isinstance(said, dict):
        raise Conflict
    return service.PlaceOrder(
        checkout_key=found.basket.checkout_key,
        wanted={line.terms.variant_id: line.terms.quantity for line in found.priced.lines},
        choice=standing.choice.to_place(),
        top_up_minor=causes.top_up_of(found),
        delivery=service.Delivery(**said),
        locale=current_language(),
        seen_total_minor=seen["seen_total_minor"],
        seen_match_minor=seen["seen_match_minor"],
        customer_id=visit.user_id(),
        is_public_supporter=bool(draft.get("show_name")),
        by_company=standing.by_company,
    )


def _back_with(fact: DomainError) -> Page:
    """Show the step where the shopper can mend it, with what went wrong; nothing typed is lost."""
    found = visit.find_visit()
    if found is None or not found.priced.is_buyable or isinstance(fact, service.OutOfStock):
        return basket_pages.show(fact.status, fact.message)
    standing = causes.standing_of(found)
    if isinstance(fact, service.PriceChanged | service.MatchChanged):
        return _show(found, standing, fact.status, fact.message)
    form = Form(errors={name: str(text) for name, text in getattr(fact, "fields", {}).items()})
    problem = "" if isinstance(fact, Invalid) and form.errors else fact.message
    return project_pages.show(found, standing, form, fact.status, problem)


def let_go_of_unpaid(found: Visit) -> None:
    """Free what an unpaid order of this basket holds, so that nobody is outbid by himself."""
    earlier = found.basket.draft.get("order_id")
    order = orders.find_order(str(earlier)) if earlier else None
    if order is None or order.state is not OrderState.PLACED:
        return
    if order.checkout_key == found.basket.checkout_key:
        return  # the other of two clicks was faster: it is this order, not an older one
    try:
        with atomic():
            command = service.give_up(order_id=order.id, now=clock.now())
    except Conflict:
        return
    if command is not None:
        jobs.run_command(command_id=str(command.id))


def to_payment_page(order: Order) -> Page:
    """Go to the hosted page of an order, or to where its payment stands."""
    if is_waiting(order):  # for somebody else may have opened the page meanwhile
        session.refresh(order)
    if order.state is OrderState.PAID:
        return redirect_to("orders.receipt", token=order.token)
    if order.state is OrderState.LAPSED:
        return redirect_to("checkout.came_back", token=order.token)
    if order.payment_url:
        return redirect(order.payment_url, 303)
    return redirect_to("checkout.opening", token=order.token)


@blueprint.get("/checkout/opening/<token>")
@access("public")
def opening(token: str) -> Page:
    """Try again to open the payment page whose fate is unknown; the page asks every few seconds."""
    order = orders.get_bare(token)
    if not is_waiting(order):
        return to_payment_page(order)
    command_id = payments.find_open_command(order.id, CommandKind.CREATE_CHECKOUT)
    if command_id is not None:
        jobs.run_command(command_id=str(command_id))
    order = orders.get_bare(token)
    if is_waiting(order):
        return render("checkout/opening.html", 202, order=order)
    return to_payment_page(order)


def is_waiting(order: Order) -> bool:
    """Say whether nobody knows yet where the payment page is."""
    return order.state is OrderState.PLACED and not order.payment_url

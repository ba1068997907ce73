"""Coming back from the payment page."""

import structlog
from flask import g, request

from marketplace.checkout import jobs, service
from marketplace.checkout.views import visit
from marketplace.checkout.views.routes import Page, blueprint
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.web import access, redirect_to, render
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from marketplace.payments.gateway import Unreachable

log = structlog.get_logger()


@blueprint.get("/checkout/back/<token>")
@access("public")
def came_back(token: str) -> Page:
    """Say that nothing was charged, and offer to pay or to change the basket."""
    order = orders.get_bare(token)
    if order.state is OrderState.PAID:
        return redirect_to("orders.receipt", token=token)
    if order.state is OrderState.LAPSED:
        _let_the_next_be_new(order)
    return render(
        "checkout/came_back.html", order=order, is_lapsed=order.state is OrderState.LAPSED
    )


@blueprint.get("/checkout/done/<token>")
@access("public")
def done(token: str) -> Page:
    """Settle what was paid, empty the basket, show the receipt.

    The browser's return is only a hint: the provider itself is asked. If it cannot be reached the
    webhook or the worker settle the order, and the receipt says that it waits for the news.
    """
    session_id = orders.get_awaiting(token).checkout_session_id
    session.rollback()
    if session_id and request.args.get("session_id") == session_id:
        try:
            jobs.settle_session(session_id)
        except Unreachable as error:
            log.warning("provider_unreachable", at="return", error=str(error))
    _empty_basket(token)
    return redirect_to("orders.receipt", token=token)


def _empty_basket(order_token: str) -> None:
    """Take out what was bought and is paid, unless the shopper has begun something new since."""
    with atomic():
        was_there = service.empty(
            token=visit.token(),
            order_token=order_token,
            user_id=visit.user_id(),
            now=clock.now(),
        )
    if was_there:
        g.basket_pieces = 0


def _let_the_next_be_new(order: Order) -> None:
    basket = visit.find_basket()
    if basket is not None and basket.checkout_key == order.checkout_key:
        with atomic():
            service.renew_key(basket_id=basket.id, now=clock.now())

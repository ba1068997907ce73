"""Your data: have a copy of it, or have it taken out; also of what was bought as a guest."""

import json

from flask import Blueprint, flash, make_response
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.accounts import service as accounts
from marketplace.accounts.views import limits, present
from marketplace.core import clock
from marketplace.core.errors import NotFound
from marketplace.core.i18n import _
from marketplace.core.web import access, attempt, load_form, redirect_to, render
from marketplace.core.web.forms import Form
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderState
from marketplace.privacy import queries, service
from marketplace.privacy.schemas import EraseInput, ForgetOrderInput

blueprint = Blueprint("privacy", __name__)

Page = Response | tuple[str, int]


@blueprint.get("/account/data")
@access("signed_in")
def data() -> Page:
    """Say what is kept, and offer both."""
    return _show(Form())


def _show(form: Form, status: int = 200) -> tuple[str, int]:
    open_orders = queries.count_open_orders(current_user.id)
    return render("privacy/data.html", status, form=form, open_orders=open_orders)


@blueprint.get("/account/data.json")
@access("signed_in")
def copy() -> Response:
    """Hand out all that names the person, as a file."""
    found = queries.collect(current_user.id)
    answer = Response(
        json.dumps(found, ensure_ascii=False, indent=1), content_type="application/json"
    )
    answer.headers["Content-Disposition"] = "attachment; filename=causeway-data.json"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/account/erase")
@access("signed_in")
def erase() -> Page:
    """Forget the person who asks, if they know their password."""
    form, now = load_form(EraseInput()), clock.now()
    if form.ok:
        limits.try_password(current_user.id, now=now)
        with attempt(form):
            accounts.require_password(current_user, form.data["current_password"])
            service.erase(user_id=current_user.id, actor=None, reason="", now=now)
            present.forget()
            flash(_("Your account is gone. What you gave goes on."))
            return redirect_to("pages.home")
    return _show(form, 422)


@blueprint.get("/receipt/<token>/forget")
@access("public")
def forget_order(token: str) -> Page:
    """Say what goes of an order that was made without an account, and what stays."""
    return _ask(_of_guest(token), Form())


@blueprint.post("/receipt/<token>/forget")
@access("public")
def forget(token: str) -> Page:
    """Forget who bought, if they know the address that the receipt was sent to."""
    order, form, now = _of_guest(token), load_form(ForgetOrderInput()), clock.now()
    if form.ok:
        limits.try_as_stranger("forget-order", 10, now=now)
        with attempt(form, whole="email"):
            service.forget_order(order_id=order.id, email=form.data["email"], now=now)
            flash(_("It is noted. Your name and address go as soon as this order is over."))
            return redirect_to("privacy.forget_order", token=token)
    return _ask(_of_guest(token), form, 422)


def _ask(order: Order, form: Form, status: int = 200) -> Response:
    page, status = render("privacy/forget_order.html", status, order=order, form=form)
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def _of_guest(token: str) -> Order:
    """Return a paid order without an account.

    :raises NotFound: there is none; of an account's order its person asks under "Your data".
    """
    order = orders.get_by_token(token)
    if order.customer_id is not None or order.state is not OrderState.PAID:
        raise NotFound
    return order

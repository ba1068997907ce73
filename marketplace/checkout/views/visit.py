"""Whose basket this is: found by a cookie of its own, made when something is first put in."""

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from babel.numbers import format_decimal
from flask import current_app, has_request_context, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.checkout import queries, service
from marketplace.checkout.models import Basket
from marketplace.checkout.queries import PricedBasket
from marketplace.checkout.views.routes import blueprint
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.ids import new_token
from marketplace.core.money import exponent
from marketplace.core.web import redirect_to
from marketplace.core.web.languages import current_language
from marketplace.giving import service as giving
from marketplace.orders import queries as orders

COOKIE = "basket"
A_MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Visit:
    """A basket and what is in it, at our prices of this moment."""

    basket: Basket
    priced: PricedBasket


def user_id() -> uuid.UUID | None:
    """Return who is signed in."""
    return cast("uuid.UUID", current_user.id) if current_user.is_authenticated else None


def commission_bp() -> int:
    """Return the marketplace's commission."""
    return cast("int", current_app.config["SETTINGS"].commission_bp)


def find_basket() -> Basket | None:
    """Return the visitor's basket; a guest's becomes theirs when they have signed in.

    The basket of somebody who signed out, or of another person, is not shown.
    """
    token = request.cookies.get(COOKIE)
    basket = queries.find_basket(token) if token else None
    person = user_id()
    if basket is None or basket.user_id == person:
        return basket
    if basket.user_id is not None or person is None:
        return None
    with atomic():
        service.take_over(basket=basket, user_id=person, now=clock.now())
    return basket


def find_visit() -> Visit | None:
    """Return the visitor's basket with its prices; None where there is none or it is empty."""
    basket = find_basket()
    if basket is None:
        return None
    priced = queries.price(queries.wanted_in(basket.id), commission_bp=commission_bp())
    if earlier := basket.draft.get("order_id"):
        priced = priced.with_held(orders.list_held(uuid.UUID(str(earlier))))
    return Visit(basket, priced) if priced.companies else None


def token_to_fill() -> str:
    """Return the token of the basket to put something into, a new one where there is none."""
    return (request.cookies.get(COOKIE) if find_basket() else None) or new_token()


def keep_cookie(response: Response, token: str) -> Response:
    """Let the browser remember the basket."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=A_MONTH,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["IS_PRODUCTION"]),
    )
    return response


def missing_step(visit: Visit | None, *, needs_delivery: bool = False) -> Response | None:
    """Return where to go first, if the shopper is too far ahead."""
    if visit is None or not visit.priced.is_buyable:
        return redirect_to("checkout.basket")
    if needs_delivery and not visit.basket.draft.get("delivery"):
        return redirect_to("checkout.delivery")
    return None


def promises(priced: PricedBasket) -> dict[uuid.UUID, str]:
    """Return each company's promise in words."""
    return {
        company.company_id: giving.pledge_sentence(
            company=company.name,
            pledge=company.pledge,
            currency=priced.currency,
            language=current_language(),
        )
        for company in priced.companies
    }


def disclosures(priced: PricedBasket) -> dict[uuid.UUID, str]:
    """Return for each variant the very sentence that is frozen with the order."""
    return {
        line.terms.variant_id: giving.disclosure(
            company=company.name,
            pledge=line.terms.pledge,
            share_minor=line.parts.share_minor,
            currency=priced.currency,
            language=current_language(),
        )
        for company in priced.companies
        for line in company.lines
    }


def figure(amount_minor: int, currency: str) -> str:
    """Return an amount without its sign, for narrow tables that say the currency elsewhere."""
    digits = exponent(currency)
    value = Decimal(amount_minor).scaleb(-digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=current_language())


@blueprint.context_processor
def words() -> dict[str, object]:
    """Give the checkout's pages what only they use."""
    return {"figure": figure}


@blueprint.app_context_processor
def basket_count() -> dict[str, object]:
    """Give every page the number beside the basket: one statement, and only with the cookie."""
    token = request.cookies.get(COOKIE) if has_request_context() else None
    if not token:
        return {}
    return {"basket_count": queries.count_pieces(token, user_id())}

"""Whose basket this is: found by a cookie of its own, made when something is first put in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import cast

from babel.numbers import format_decimal
from flask import current_app, g, has_request_context, request
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.checkout import queries, service
from marketplace.checkout.queries import Choosable, KeptBasket, PricedBasket
from marketplace.checkout.views.routes import blueprint
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.money import exponent
from marketplace.core.web import redirect_to
from marketplace.core.web.languages import current_language
from marketplace.disclosures.rules import Disclosed, ProjectTold, Times
from marketplace.disclosures.service import disclose
from marketplace.giving import service as giving
from marketplace.orders import queries as orders

COOKIE = "basket"
A_MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Visit:
    """A basket and what is in it, at our prices of this moment."""

    basket: KeptBasket
    priced: PricedBasket


def user_id() -> uuid.UUID | None:
    """Return who is signed in."""
    return cast("uuid.UUID", current_user.id) if current_user.is_authenticated else None


def commission_bp() -> int:
    """Return the marketplace's commission."""
    return cast("int", current_app.config["SETTINGS"].commission_bp)


def find_basket() -> KeptBasket | None:
    """Return the visitor's basket; a guest's becomes theirs when they have signed in.

    The basket of somebody who signed out, or of another person, is not shown.
    """
    g.is_personal = True
    token = _remembered().token
    basket = queries.find_basket(token) if token else None
    if basket is None or basket.user_id == user_id():
        return basket
    return queries.find_basket(token) if _take_over(basket) else None


def find_visit() -> Visit | None:
    """Return the visitor's basket with its prices; None where there is none or it is empty."""
    g.is_personal = True
    token = _remembered().token
    found = queries.find_priced(token, commission_bp=commission_bp()) if token else None
    if found is not None and found[0].user_id != user_id():
        # What lay in the person's older baskets is in it then.
        taken = _take_over(found[0])
        found = queries.find_priced(token, commission_bp=commission_bp()) if taken else None
    g.basket_pieces = found[1].pieces if found else 0
    if found is None or not found[1].companies:
        return None
    basket, priced = found
    if earlier := basket.draft.get("order_id"):
        priced = priced.with_held(orders.list_held(uuid.UUID(str(earlier))))
    return Visit(basket, priced)


def _take_over(basket: KeptBasket) -> bool:
    """Give a guest's basket to the visitor, if they have signed in; say whether it is theirs."""
    person = user_id()
    if basket.user_id is not None or person is None:
        return False
    with atomic():
        service.take_over(basket_id=basket.id, user_id=person, now=clock.now())
    return True


@dataclass(frozen=True)
class Remembered:
    """What the browser keeps: the basket's token, and how many pieces were in it last."""

    token: str = ""
    pieces: int = 0


def token() -> str:
    """Return the token of the visitor's basket; empty where the browser knows of none."""
    return _remembered().token


def _remembered() -> Remembered:
    return _read(request.cookies.get(COOKIE, ""))


def _read(cookie: str) -> Remembered:
    token, _dot, pieces = cookie.partition(".")
    return Remembered(token, int(pieces) if pieces.isdecimal() and len(pieces) < 6 else 0)


def shown_pieces(cookie: str) -> str:
    """Return what every page shows of a basket's cookie: how many pieces are in it."""
    return str(_read(cookie).pieces)


def keep_cookie(response: Response, token: str, pieces: int) -> Response:
    """Let the browser remember the basket, so that no page need count what is in it."""
    response.set_cookie(
        COOKIE,
        f"{token}.{pieces}",
        max_age=A_MONTH,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["IS_PRODUCTION"]),
    )
    return response


@blueprint.after_app_request
def correct_cookie(response: Response) -> Response:
    """Let the browser know how many pieces there are, where this answer found another number."""
    kept = _remembered()
    pieces = g.get("basket_pieces")
    if kept.token and pieces is not None and pieces != kept.pieces:
        keep_cookie(response, kept.token, pieces)
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


def times() -> Times:
    """Return the settings' times, which a shopper is told."""
    settings = current_app.config["SETTINGS"]
    return Times(settings.return_window_days, settings.payout_maximum_age_days)


def disclosed(
    priced: PricedBasket,
    rows: Sequence[tuple[Choosable, int]],
    top_up_minor: int,
    delivery: object,
) -> Disclosed:
    """Return what is told before paying, as it is frozen with the order."""
    country = delivery.get("country", "") if isinstance(delivery, dict) else ""
    projects = [ProjectTold(one.title, one.organisation, amount) for one, amount in rows]
    told = service.purchase_told(priced, projects, top_up_minor, country, times())
    return disclose(told, language=current_language(), day=clock.now().date())


@blueprint.app_template_global()
def figure(amount_minor: int, currency: str) -> str:
    """Return an amount without its sign, for narrow tables that say the currency elsewhere."""
    return _figure_in(current_language(), amount_minor, currency)


@lru_cache(maxsize=4_096)
def _figure_in(language: str, amount_minor: int, currency: str) -> str:
    digits = exponent(currency)
    value = Decimal(amount_minor).scaleb(-digits)
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=language)


@blueprint.app_context_processor
def basket_count() -> dict[str, object]:
    """Give every page the number beside the basket."""
    if not has_request_context():
        return {}
    return {"basket_count": g.get("basket_pieces", _remembered().pieces)}

"""Buying for programs: a price, an order with its payment page, and where the order stands."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa
from flask import current_app, g, request
from flask_babel import force_locale
from flask_smorest import Blueprint

from marketplace.accounts.api import needs_scope
from marketplace.checkout import jobs, queries, service
from marketplace.checkout.queries import PricedBasket, PricedCompany, PricedLine
from marketplace.checkout.schemas import BasketOutput, KeyInput, OrderInput, QuoteInput
from marketplace.core import clock
from marketplace.core.db import atomic, session
from marketplace.core.errors import Conflict, Invalid
from marketplace.core.i18n import _
from marketplace.core.web import access
from marketplace.core.web.languages import current_language
from marketplace.disclosures.rules import Times
from marketplace.giving import service as pledges
from marketplace.orders import queries as orders
from marketplace.orders.models import Order, OrderLine, OrderState
from marketplace.orders.schemas import OrderOutput
from marketplace.payments import queries as payments
from marketplace.payments.rules import CommandKind, Sending

blueprint = Blueprint("checkout-api", __name__, description="Buying, with a key")
Said = dict[str, Any]  # Any: typed by the schema that loaded it
WRITES = "orders:write"
KEY_NEEDED: list[dict[str, list[str]]] = [{"token": []}]


@blueprint.route("/baskets", methods=["POST"])
@access("public")
@needs_scope(WRITES)
@blueprint.doc(security=KEY_NEEDED)
@blueprint.arguments(QuoteInput)
@blueprint.response(200, BasketOutput)
@blueprint.alt_response(401)
@blueprint.alt_response(403)
@blueprint.alt_response(409)
@blueprint.alt_response(429)
def basket(said: Said) -> dict[str, object]:
    """Price a basket: what it costs and gives at this moment; nothing is kept or held."""
    priced = _price(said)
    return {
        "currency": priced.currency,
        "items_minor": priced.items_minor,
        "shipping_minor": priced.shipping_minor,
        "total_minor": priced.total_minor,
        "vat_minor": priced.vat_minor,
        "share_minor": priced.share_minor,
        "is_buyable": priced.is_buyable,
        "lines": [_quoted(company, line) for company in priced.companies for line in company.lines],
        "parcels": [
            {
                "company": company.slug,
                "items_minor": company.items_minor,
                "shipping_minor": company.shipping_minor,
                "share_minor": company.share_minor,
            }
            for company in priced.companies
        ],
        "default_choice": [
            {"project": project, "amount_minor": amount}
            for project, amount in _together(queries.find_companies_choice(priced).given)
        ],
    }


def _price(said: Said) -> PricedBasket:
    """Return what was named with its prices.

    :raises Invalid: something is not known.
    :raises Conflict: not all of it is paid in one currency.
    """
    wanted = {line["variant_id"]: line["quantity"] for line in said["lines"]}
    priced = queries.price(wanted, commission_bp=current_app.config["SETTINGS"].commission_bp)
    known = {line.terms.variant_id for line in priced.lines}
    unknown = {
        f"lines.{place}.variant_id": _("There is no such variant.")
        for place, variant in enumerate(wanted)
        if variant not in known
    }
    if unknown:
        raise Invalid(fields=unknown)
    if len({line.currency for line in priced.lines}) > 1:
        raise Conflict(_("One order is paid in one currency. Please buy these things separately."))
    return priced


def _quoted(company: PricedCompany, line: PricedLine) -> dict[str, object]:
    return {
        "variant_id": line.terms.variant_id,
        "product_slug": line.product_slug,
        "title": line.title,
        "variant_title": line.variant_title,
        "company": company.slug,
        "quantity": line.terms.quantity,
        "available": max(line.available, 0),
        "is_for_sale": line.is_for_sale,
        "unit_price_minor": line.terms.unit_price_minor,
        "gross_minor": line.parts.gross_minor,
        "vat_minor": line.parts.vat_minor,
        "share_minor": line.parts.share_minor,
        "sentence": pledges.disclosure(
            company=company.name,
            pledge=line.terms.pledge,
            share_minor=line.parts.share_minor,
            currency=line.currency,
            language=current_language(),
        ),
    }


def _together(
    given: Mapping[uuid.UUID, list[tuple[uuid.UUID, int]]],
) -> list[tuple[uuid.UUID, int]]:
    """Return what each project gets of all companies; where nothing is given, each gets nothing."""
    total: dict[uuid.UUID, int] = {}
    for project, amount in chain.from_iterable(given.values()):
        total[project] = total.get(project, 0) + amount
    parts = list(total.items())
    return [part for part in parts if part[1]] or parts


@blueprint.route("/orders", methods=["POST"])
@access("public")
@needs_scope(WRITES)
@blueprint.doc(security=KEY_NEEDED)
@blueprint.arguments(KeyInput, location="headers")
@blueprint.arguments(OrderInput)
@blueprint.response(201, OrderOutput)
@blueprint.alt_response(200, schema=OrderOutput, description="The order that this key made before")
@blueprint.alt_response(401)
@blueprint.alt_response(403)
@blueprint.alt_response(409)
@blueprint.alt_response(429)
def place(headers: Said, said: Said) -> tuple[dict[str, object], int]:
    """Place an order and open its payment page; sent again with its key, it finds that order."""
    key = _checkout_key(headers["key"])
    digest = hashlib.sha256(json.dumps(request.get_json(), sort_keys=True).encode()).hexdigest()
    known = _known(key, digest)
    if known is not None:
        return _document(_with_payment_page(known)), 200
    g.language = said["locale"]  # what is written down with the order is in the shopper's language
    with force_locale(said["locale"]):
        wish = _wish(key, said)
        try:
            order, sending = _place(wish, digest)
        except sa.exc.IntegrityError:
            known = _known(key, digest)  # the same key at the same time: one of two was faster
            if known is None:
                raise
            return _document(_with_payment_page(known)), 200
        except Invalid as fact:  # the pages' field of projects is the document's choice
            errors = {
                "choice" if name == "projects" else name: fact.fields[name] for name in fact.fields
            }
            raise Invalid(fact.message, fields=errors) from None
    jobs.send(sending)
    return _document(order), 201


def _checkout_key(key: str) -> str:
    """Return the order's key: another key's holder, or a visitor, can neither guess nor meet it."""
    secret = str(current_app.secret_key).encode()
    return f"api:{hmac.new(secret, f'{g.token_id}:{key}'.encode(), 'sha256').hexdigest()}"


def _known(key: str, digest: str) -> Order | None:
    """Return the order that this key made.

    :raises Invalid: the key was sent with another document.
    """
    order = orders.find_by_checkout_key(key)
    kept = queries.find_basket(key) if order is not None else None
    if kept is not None and kept.draft.get("request") != digest:
        message = _("This key was used for another order. Make a new key for a new order.")
        raise Invalid(message, fields={"Idempotency-Key": message})
    return order


def _wish(key: str, said: Said) -> service.PlaceOrder:
    priced = _price(said)
    choice = said["choice"]
    given = queries.find_companies_choice(priced).given if choice is None else None
    return service.PlaceOrder(
        checkout_key=key,
        wanted={line["variant_id"]: line["quantity"] for line in said["lines"]},
        choice=_together(given)
        if given is not None
        else [(part["project"], part["amount_minor"]) for part in choice],
        by_company=given,
        top_up_minor=said["top_up_minor"],
        delivery=service.Delivery(**said["delivery"]),
        locale=said["locale"],
        seen_total_minor=said["expected_total_minor"],
        seen_match_minor=said["expected_match_minor"],
    )


def _place(wish: service.PlaceOrder, digest: str) -> tuple[Order, Sending]:
    """Place an order; a basket under the same key remembers what was asked for."""
    settings = current_app.config["SETTINGS"]
    site = f"{settings.public_url}/{wish.locale}"
    now = clock.now()
    with atomic():
        basket_id = service.open_basket(token=wish.checkout_key, user_id=None, now=now)
        service.keep_draft(basket_id=basket_id, said={"request": digest}, now=now)
        order, sending = service.place(
            wish=wish,
            commission_bp=settings.commission_bp,
            hold=timedelta(minutes=settings.hold_minutes),
            success_url=f"{site}/checkout/done/{{token}}?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{site}/checkout/back/{{token}}",
            now=now,
            times=Times(settings.return_window_days, settings.payout_maximum_age_days),
        )
    return order, sending


def _with_payment_page(order: Order) -> Order:
    """Return an order; if nobody knows yet where its payment page is, try again to open it."""
    if order.state is OrderState.PLACED and not order.payment_url:
        command_id = payments.find_open_command(order.id, CommandKind.CREATE_CHECKOUT)
        if command_id is not None:
            jobs.run_command(command_id=str(command_id))
    return order


@blueprint.route("/orders/<token>")
@access("public")
@needs_scope(WRITES)
@blueprint.doc(security=KEY_NEEDED)
@blueprint.response(200, OrderOutput)
@blueprint.alt_response(401)
@blueprint.alt_response(403)
@blueprint.alt_response(404)
@blueprint.alt_response(429)
def order(token: str) -> tuple[dict[str, object], int, dict[str, str]]:
    """Show where an order stands, where its money goes, what was given back."""
    return _document(orders.get_bare(token)), 200, {"Cache-Control": "no-store"}


def _document(placed: Order) -> dict[str, object]:
    token = placed.token
    session.expire_all()  # the payment's own transactions have moved on
    found = orders.get_by_token(token)
    slugs: Mapping[uuid.UUID | None, str] = {
        part.company_id: part.company.slug for part in found.company_orders
    }
    names = OrderOutput().fields.keys()
    return {
        **{name: getattr(found, name) for name in names if hasattr(Order, name)},
        "state": found.state.value,
        "payment_url": found.payment_url if found.state is OrderState.PLACED else None,
        "receipt_url": f"{current_app.config['PUBLIC_URL']}/receipt/{found.token}",
        "lines": [_line(line, slugs[line.company_id]) for line in found.lines],
        "parcels": [
            {
                "number": part.number,
                "company": part.company.slug,
                "state": part.state.value,
                "shipping_minor": part.shipping_minor,
                "tracking": part.tracking,
                "sent_at": part.sent_at,
            }
            for part in found.company_orders
        ],
        "allocations": [
            {
                "project": one.project.slug,
                "source": one.source.value,
                "company": slugs.get(one.company_id),
                "amount_minor": one.amount_minor,
            }
            for one in found.allocations
        ],
        "refunds": orders.list_refunds(found.id),
    }


def _line(line: OrderLine, company: str) -> dict[str, object]:
    own = ("variant_id", "product_slug", "title", "variant_title", "sku", "quantity", "sentence")
    figures = ("refunded_quantity", "unit_price_minor", "gross_minor", "share_minor")
    return {
        **{name: getattr(line, name) for name in own + figures},
        "company": company,
        "vat_minor": line.gross_minor - line.discount_minor - line.net_minor,
    }

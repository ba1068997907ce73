"""Products for programs: the shop's own lists and figures."""

from typing import Any

from flask import abort, current_app
from flask_smorest import Blueprint

from marketplace.catalog import queries, rules
from marketplace.catalog.models import ProductState
from marketplace.catalog.queries import Card, Filters, Offered, Shown
from marketplace.catalog.schemas import (
    CategoriesOutput,
    ProductOutput,
    ProductsOutput,
    ProductsQuery,
)
from marketplace.companies import queries as companies
from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.paging import Page, decode_cursor
from marketplace.core.rich_text import safe_html
from marketplace.core.web import access
from marketplace.core.web.api import next_url
from marketplace.core.web.languages import current_language
from marketplace.giving import service as giving
from marketplace.giving.rules import Pledge, pledge_for
from marketplace.orders.rules import LineTerms, price_line

blueprint = Blueprint("catalog-api", __name__, description="Products and their shelves")
Given = dict[str, Any]  # Any: typed by ProductsQuery


@blueprint.route("/products")
@access("public")
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.response(200, ProductsOutput)
def products(given: Given) -> dict[str, object]:
    """List what is offered.

    A category or company that does not exist offers nothing.
    """
    given["q"] = rules.plain_query(given["q"])
    filters = _filters(given)
    sort = rules.sort_for(given["sort"], given["q"])
    after = rules.position_of(sort, decode_cursor(given["after"], 2))
    found = (
        queries.list_cards(filters, sort, after=after) if filters is not None else Page([], None)
    )
    return {
        "items": [_card(card) for card in found.rows],
        "next": next_url("/products", given, found.next_cursor),
    }


def _filters(given: Given) -> Filters | None:
    """Return what the list is narrowed to; None where nothing can be in it."""
    shelves = queries.list_shelves() if given["category"] else []
    shelf = next((one for one in shelves if one.slug == given["category"]), None)
    seller = companies.find_company(given["company"]) if given["company"] else None
    if (given["category"] and shelf is None) or (given["company"] and seller is None):
        return None
    return Filters(
        query=given["q"],
        category_id=shelf.id if shelf else None,
        company_id=seller.id if seller else None,
        price_from_minor=given["price_from_minor"],
        price_to_minor=given["price_to_minor"],
    )


def _card(card: Card) -> dict[str, object]:
    return {
        "slug": card.slug,
        "title": card.title,
        "currency": card.currency,
        "price_minor": card.price_minor,
        "routed_minor": card.routed_minor,
        "is_available": bool(card.is_available),
        "company": {"slug": card.company_slug, "name": card.company_name},
        "url": _address(card.slug),
    }


def _address(slug: str) -> str:
    return public_url(f"/products/{slug}")


@blueprint.route("/products/<slug>")
@access("public")
@blueprint.response(200, ProductOutput)
@blueprint.alt_response(404)
@blueprint.alt_response(410, description="It is not sold any more")
def product(slug: str) -> dict[str, object]:
    """Show one product with its variants, and where the price of each goes."""
    found = queries.find_product(slug)
    if found is None:
        if queries.find_state(slug) is ProductState.ARCHIVED:
            abort(410)
        raise NotFound
    company = found.company
    pledge = pledge_for(
        (company.pledge_bp, company.pledge_unit_minor), (found.pledge_bp, found.pledge_unit_minor)
    )
    photo = found.photo
    return {
        "slug": found.slug,
        "title": found.title,
        "summary": found.summary,
        "description_html": safe_html(found.description_html),
        "material": found.material,
        "category": found.category.slug if found.category else None,
        "company": company,
        "currency": found.currency,
        "vat_bp": found.vat_bp,
        "price_from_minor": found.price_from_minor,
        "pledge": pledge,
        "pledge_sentence": giving.pledge_sentence(
            company=company.name,
            pledge=pledge,
            currency=found.currency,
            language=current_language(),
        ),
        "variants": [_variant(found, one, pledge) for one in found.variants],
        "photo_url": public_url(f"/media/{photo.key}-{max(photo.widths)}.webp") if photo else None,
        "url": _address(found.slug),
    }


def _variant(found: Shown, variant: Offered, pledge: Pledge) -> dict[str, object]:
    terms = LineTerms(
        variant_id=variant.id,
        company_id=found.company.id,
        quantity=1,
        unit_price_minor=variant.price_minor,
        vat_bp=found.vat_bp,
        pledge=pledge,
    )
    parts = price_line(terms, current_app.config["SETTINGS"].commission_bp)
    return {
        "id": variant.id,
        "title": variant.title,
        "sku": variant.sku,
        "available": max(variant.available, 0),
        "price_minor": parts.gross_minor,
        "vat_minor": parts.vat_minor,
        "routed_minor": parts.share_minor,
        "commission_minor": parts.commission_minor,
        "company_minor": parts.company_minor - parts.vat_minor,
    }


@blueprint.route("/categories")
@access("public")
@blueprint.response(200, CategoriesOutput)
def categories() -> dict[str, object]:
    """List the shelves of the shop."""
    language = current_language()
    shelves = queries.list_shelves()
    return {"items": [{"slug": one.slug, "name": one.name_in(language)} for one in shelves]}

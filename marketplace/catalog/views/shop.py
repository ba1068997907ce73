"""The public shop: lists of products and the page of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, request
from werkzeug.wrappers import Response

from marketplace.campaigns import queries as campaigns
from marketplace.catalog import queries, rules
from marketplace.catalog.models import ProductState
from marketplace.catalog.queries import Card, CompanyChoice, Filters, Shelf
from marketplace.catalog.rules import Sort
from marketplace.catalog.schemas import ListingQuery, price_bound
from marketplace.catalog.views import offering
from marketplace.companies import queries as companies
from marketplace.core import clock
from marketplace.core.addresses import public_url
from marketplace.core.i18n import _
from marketplace.core.money import NotAnAmount
from marketplace.core.paging import Page, decode_cursor
from marketplace.core.rich_text import safe_html
from marketplace.core.web import access, load_query, render
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import path, plain_money
from marketplace.giving import service as giving

blueprint = Blueprint("catalog", __name__)
PAGE = queries.product_statement(may_be_matched=campaigns.ANY_FUNDED, people=companies.PEOPLE)
LISTING = ListingQuery()
KEPT = ("q", "price_from", "price_to", "company", "sort")
"""What a link inside a list keeps."""


@dataclass(frozen=True)
class ActiveFilter:
    """A filter that is on, in words, and the address of the list without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Wanted:
    """What the address asks for, looked up; `errors` says what could not be understood."""

    given: dict[str, str]
    shelf: Shelf | None
    company: CompanyChoice | None
    filters: Filters
    sort: Sort
    errors: dict[str, str]


@blueprint.get("/products")
@access("public")
def products() -> tuple[str, int] | Response:
    """Show everything that is offered, narrowed and sorted."""
    return _list(None)


@blueprint.get("/products/c/<slug>")
@access("public")
def category(slug: str) -> tuple[str, int] | Response:
    """Show one shelf."""
    return _list(slug)


def _list(slug: str | None) -> tuple[str, int] | Response:
    shelves = queries.list_shelves()
    shelf = next((one for one in shelves if one.slug == slug), None)
    if slug is not None and shelf is None:
        abort(404)
    choices = queries.list_companies_selling()
    wanted = _wanted(shelf, choices)
    cursor = decode_cursor(wanted.given["after"], 2)
    after = rules.position_of(wanted.sort, cursor)
    found = queries.list_cards(wanted.filters, wanted.sort, after=after)
    count = queries.count_products(wanted.filters)
    similar, meant = _guess(wanted, count)
    kept = _kept(wanted.given)
    return render(
        "catalog/products.html",
        wanted=wanted,
        page=found,
        cards=found.rows,
        count=count,
        most=queries.MOST_COUNTED,
        similar=similar,
        meant=meant,
        meant_url=_address(wanted.shelf, {"q": meant or ""}),
        shelves=[(one, _shelf_path(one) + kept) for one in shelves],
        everything_url=_shelf_path(None) + kept,
        here_url=_address(shelf, {}),
        companies=choices,
        sorts=_sorts(wanted.filters.query),
        active=_active(wanted),
        next_url=_next_url(wanted, found),
        first_url=_address(shelf, wanted.given) if after else None,
    )


def _wanted(shelf: Shelf | None, choices: Sequence[CompanyChoice]) -> Wanted:
    given: dict[str, str] = load_query(LISTING).data
    errors: dict[str, str] = {}
    bounds: dict[str, int | None] = {}
    for name in ("price_from", "price_to"):
        try:
            bounds[name] = price_bound(
                given[name], _currency(), decimal_comma=current_language() != "en"
            )
        except NotAnAmount:
            errors[name] = _("Write a price like 25 or 19.90.")
    company = next((one for one in choices if one.slug == given["company"]), None)
    filters = Filters(
        query=given["q"],
        category_id=shelf.id if shelf else None,
        company_id=company.id if company else None,
        price_from_minor=bounds.get("price_from"),
        price_to_minor=bounds.get("price_to"),
    )
    sort = rules.sort_for(given["sort"], given["q"])
    return Wanted(given, shelf, company, filters, sort, errors)


def _currency() -> str:
    return str(current_app.config["SETTINGS"].currency)


def _guess(wanted: Wanted, count: int) -> tuple[Sequence[Card], str | None]:
    """Return what resembles a search that found nothing anywhere, and what was probably meant."""
    query = wanted.filters.query
    if count or not query:
        return [], None
    similar = queries.list_similar(query)
    return similar, rules.corrected(query, [card.title for card in similar])


def _address(shelf: Shelf | None, given: dict[str, str]) -> str:
    """Return the address of a list that keeps the rest of what was asked for."""
    return _shelf_path(shelf) + _kept(given)


def _shelf_path(shelf: Shelf | None) -> str:
    return path(f"/products/c/{shelf.slug}" if shelf else "/products")


def _kept(given: dict[str, str]) -> str:
    kept = {name: given[name] for name in KEPT if given.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _next_url(wanted: Wanted, page: Page[Card]) -> str | None:
    if page.next_cursor is None:
        return None
    here = _address(wanted.shelf, wanted.given)
    return f"{here}{'&' if '?' in here else '?'}after={page.next_cursor}"


def _sorts(query: str) -> list[tuple[str, str]]:
    sorts: list[tuple[str, str]] = [
        (Sort.NEWEST, _("Newest")),
        (Sort.CHEAPEST, _("Price, low first")),
        (Sort.DEAREST, _("Price, high first")),
        (Sort.GIVES_MOST, _("Amount routed, high first")),
    ]
    return [(Sort.RELEVANCE, _("Best match")), *sorts] if query else sorts


def _active(wanted: Wanted) -> list[ActiveFilter]:
    """Return the filters that are on; each can be taken away by itself."""
    filters, given = wanted.filters, wanted.given
    words: dict[str, str] = {}
    if filters.query:
        words["q"] = _("Search: %(words)s", words=filters.query)
    if wanted.company:
        words["company"] = wanted.company.name
    if filters.price_from_minor is not None:
        price = plain_money(filters.price_from_minor, _currency())
        words["price_from"] = _("From %(price)s", price=price)
    if filters.price_to_minor is not None:
        price = plain_money(filters.price_to_minor, _currency())
        words["price_to"] = _("Up to %(price)s", price=price)
    active = [
        ActiveFilter(text, _address(wanted.shelf, {**given, name: ""}))
        for name, text in words.items()
    ]
    if wanted.shelf:
        name = wanted.shelf.name_in(current_language())
        active.append(ActiveFilter(name, _address(None, given)))
    return active


@blueprint.get("/products/<slug>")
@access("public")
def product(slug: str) -> tuple[str, int]:
    """Show one product, what it costs, and where the price goes."""
    found = queries.find_product(slug, PAGE)
    if found is None:
        _refuse(slug)
    pledge, bp = offering.pledge_of(found), current_app.config["SETTINGS"].commission_bp
    offers = [offering.offer_of(found, pledge, one, bp) for one in found.variants]
    chosen = offering.choose(offers, request.args.get("variant", "")) or offering.offer_of(
        found, pledge, None, bp
    )
    photos = [found.photo, *queries.list_photos(found.id)] if found.photo else []
    return render(
        "catalog/product.html",
        product=found,
        company=found.company,
        offers=offers,
        chosen=chosen,
        is_available=any(one.variant and one.variant.available > 0 for one in offers),
        pledge=pledge,
        sentence=giving.pledge_sentence(
            company=found.company.name,
            pledge=pledge,
            currency=found.currency,
            language=current_language(),
        ),
        description=safe_html(found.description_html),
        photos=photos,
        view=_view(len(photos) or PLACEHOLDERS),
        people=companies.read_people(found.more["people"]),
        others=queries.list_of_company(found.company.id, without=found.id),
        pools=campaigns.list_running(found.currency, clock.now())
        if found.more["may_be_matched"]
        else [],
        return_days=current_app.config["SETTINGS"].return_window_days,
        structured=offering.structured(found, offers or [chosen], public_url()),
    )


PLACEHOLDERS = 4
"""The look draws so many views of a product without photos."""


def _refuse(slug: str) -> NoReturn:
    """Tell what is gone for good from what was never here."""
    abort(410 if queries.find_state(slug) is ProductState.ARCHIVED else 404)


def _view(views: int) -> int:
    """Return which picture is large."""
    wanted = request.args.get("view", "")
    return int(wanted) if wanted in map(str, range(views)) else 0

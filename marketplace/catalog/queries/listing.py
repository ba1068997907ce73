"""Lists of products, as cards: only the columns that a card shows, in one statement each.

The statements are composed of constant parts and cached; every value is bound.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.rules import Position, Sort, search_terms, search_words
from marketplace.core.db import session
from marketplace.core.paging import Page, page_of
from marketplace.core.remembered import Remembered

MOST_COUNTED = 1_000
"""Beyond this a list only says that there are more."""
MOST_RANKED = 500
"""So many of the newest matches are ranked; a search that finds more is too wide to rank well."""

MOST_ALIKE = 300
"""So many titles that resemble a search are compared with it."""
SHORTEST_GUESS = 3
"""Shorter words look like too many others."""

Values = dict[str, Any]  # Any: what the driver binds


@dataclass(frozen=True)
class Filters:
    """What a list of products is narrowed to; amounts in minor units, VAT included."""

    query: str = ""
    category_id: uuid.UUID | None = None
    company_id: uuid.UUID | None = None
    price_from_minor: int | None = None
    price_to_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a product. `routed_minor` is what is given of its lowest price."""

    id: uuid.UUID
    slug: str
    title: str
    currency: str
    price_minor: int
    routed_minor: int
    company_slug: str
    company_name: str
    company_city: str
    palette: str
    glyph: str
    material: str
    photo_key: str | None
    photo_widths: tuple[int, ...] | None
    highest_minor: int | None
    is_available: bool | None
    sort_key: object

    @property
    def has_several_prices(self) -> bool:
        """Say whether the price shown is only the lowest."""
        return (self.highest_minor or 0) > self.price_minor

    @property
    def routed_width(self) -> str:
        """Return the routed amount's share of the price, as the width of a bar."""
        return f"{100 * self.routed_minor / self.price_minor:.3f}%" if self.price_minor else "0%"


NET = "(product.price_from_minor * 20000 + 10000 + product.vat_bp) / (2 * (10000 + product.vat_bp))"
ROUTED = f"""case
    when product.pledge_unit_minor is not null then least(product.pledge_unit_minor, {NET})
    when product.pledge_bp is not null then (2 * ({NET}) * product.pledge_bp + 10000) / 20000
    when company.pledge_unit_minor is not null then least(company.pledge_unit_minor, {NET})
    else (2 * ({NET}) * company.pledge_bp + 10000) / 20000 end"""
"""`giving.rules.Pledge.part_of` in the language of the database, which sorts by it; a test holds
the two together."""

RANK = "(ts_rank(product.search, wanted.words) * 1000000)::bigint"
# What matches is found by its index first: a plan that walks the list in order and looks at every
# text on the way is slow exactly where little is found.
HITS = """with wanted as materialized (select to_tsquery('public.plain_words', :terms) as words),
hit as materialized (
    select product.id from wanted cross join product
    where product.search @@ wanted.words and product.state = 'live')
"""
SEARCH = "join hit on hit.id = product.id cross join wanted"
ORDERS = {
    Sort.NEWEST: ("product.published_at", "desc"),
    Sort.CHEAPEST: ("product.price_from_minor", "asc"),
    Sort.DEAREST: ("product.price_from_minor", "desc"),
    Sort.GIVES_MOST: (ROUTED, "desc"),
    Sort.RELEVANCE: (RANK, "desc"),
}
CARD = """select found.id, found.slug, found.title, found.currency, found.price_from_minor,
    found.routed_minor, company.slug, company.name, company.city, company.palette,
    coalesce(category.glyph, 'parcel'), found.material, photo.key, photo.widths,
    offer.highest_minor, offer.is_available, found.sort_key
from ({found}) found
join company on company.id = found.company_id
left join category on category.id = found.category_id
left join photo on photo.id = found.photo_id
left join lateral (
    select max(price_minor) as highest_minor, bool_or(on_hand > reserved) as is_available
    from variant where product_id = found.id and is_offered
) offer on true
order by found.sort_key {direction}, found.id {direction}"""
FOUND = """select product.id, product.slug, product.title, product.currency,
    product.price_from_minor, {routed} as routed_minor, product.company_id, product.category_id,
    product.photo_id, product.material, {key} as sort_key
from product join company on company.id = product.company_id {search}
where {where}
order by {order} {direction}, product.id {direction} limit :limit"""
RANKED = """ and product.id in (
    select product.id from product join company on company.id = product.company_id
    join hit on hit.id = product.id where {where}
    order by product.published_at desc, product.id desc limit {most})"""
COUNTED = """select count(*) from (
    select from product join company on company.id = product.company_id {search}
    where {where} limit {most}) found"""
ALIKE = """select *, (
        select sum(word_similarity(word, near.title)) from unnest(cast(:words as text[])) word
    ) as sort_key
from (
    select product.*, {routed} as routed_minor
    from product join company on company.id = product.company_id
    where {where} and product.title %> any(cast(:words as text[])) limit {most}
) near
order by sort_key desc, id desc limit :limit"""
# A statement that names its columns by their places has its result described once, not each time.
CARD_COLUMNS: tuple[sa.ColumnClause[Any], ...] = tuple(map(sa.column, Card.__annotations__))
LIVE = "product.state = 'live' and company.state = 'verified'"
CONDITIONS = {
    "category": "product.category_id = :category",
    "company": "product.company_id = :company",
    "price_from": "product.price_from_minor >= :price_from",
    "price_to": "product.price_from_minor <= :price_to",
}


def _values(filters: Filters) -> Values:
    """Return what is bound; its names say which conditions apply."""
    given: Values = {
        "category": filters.category_id,
        "company": filters.company_id,
        "price_from": filters.price_from_minor,
        "price_to": filters.price_to_minor,
    }
    values = {name: value for name, value in given.items() if value is not None}
    return {**values, "terms": search_terms(filters.query)} if filters.query else values


def _where(names: frozenset[str]) -> str:
    parts = [LIVE, *(text for name, text in CONDITIONS.items() if name in names)]
    return " and ".join(parts)


@lru_cache(maxsize=256)
def _list_statement(names: frozenset[str], sort: Sort) -> sa.TextualSelect:
    key, direction = ORDERS[sort]
    where = _where(names)
    if sort is Sort.RELEVANCE:
        # Ranking reads every match's words: so it is done for a bounded number of them.
        where += RANKED.format(where=where, most=MOST_RANKED)
    if "after_key" in names:
        sign = "<" if direction == "desc" else ">"
        where += f" and ({key}, product.id) {sign} (:after_key, :after_id)"
    found = FOUND.format(
        routed=ROUTED,
        key=key,
        order=key,
        search=SEARCH if "terms" in names else "",
        where=where,
        direction=direction,
    )
    hits = HITS if "terms" in names else ""
    return sa.text(hits + CARD.format(found=found, direction=direction)).columns(*CARD_COLUMNS)


def list_cards(
    filters: Filters, sort: Sort, *, after: Position | None = None, limit: int = 24
) -> Page[Card]:
    """Return a page of what is offered; nothing is found for a search without a word."""
    values = _values(filters)
    if after is not None:
        values |= {"after_key": after[0], "after_id": after[1]}
    statement = _list_statement(frozenset(values), sort)
    rows = session.execute(statement, values | {"limit": limit + 1})
    return page_of(_cards(rows), limit, lambda card: (card.sort_key, card.id))


def _cards(rows: Iterable[Sequence[Any]]) -> list[Card]:  # Any: columns
    """Return rows as cards; each can be a key, so its widths are no list."""
    cards = []
    for row in rows:
        values: list[Any] = [tuple(one) if isinstance(one, list) else one for one in row]
        cards.append(Card(*values))
    return cards


@lru_cache(maxsize=64)
def _count_statement(names: frozenset[str]) -> sa.TextualSelect:
    hits, search = (HITS, SEARCH) if "terms" in names else ("", "")
    counted = COUNTED.format(search=search, where=_where(names), most=MOST_COUNTED + 1)
    return sa.text(hits + counted).columns(sa.column("found"))


@Remembered
def count_products(filters: Filters) -> int:
    """Return how many are offered; `MOST_COUNTED + 1` stands for more than that."""
    values = _values(filters)
    return int(session.scalar(_count_statement(frozenset(values)), values) or 0)


SIMILAR = sa.text(
    CARD.format(found=ALIKE.format(routed=ROUTED, where=LIVE, most=MOST_ALIKE), direction="desc")
).columns(*CARD_COLUMNS)


def list_similar(query: str, *, limit: int = 12) -> Sequence[Card]:
    """Return what has a title that looks like a search that found nothing.

    How much alike is set for each connection.
    """
    words = [word for word in search_words(query) if len(word) >= SHORTEST_GUESS]
    if not words:
        return []
    return _cards(session.execute(SIMILAR, {"words": words, "limit": limit}))


def list_latest(*, limit: int = 4) -> Sequence[Card]:
    """Return what came last."""
    return list_cards(Filters(), Sort.NEWEST, limit=limit).rows


def list_of_company(
    company_id: uuid.UUID, *, without: uuid.UUID | None = None, limit: int = 4
) -> Sequence[Card]:
    """Return a company's newest products, but for one."""
    found = list_cards(Filters(company_id=company_id), Sort.NEWEST, limit=limit + 1).rows
    return [card for card in found if card.id != without][:limit]

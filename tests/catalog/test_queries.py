from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.catalog import queries
from marketplace.catalog.models import ProductState
from marketplace.catalog.queries import Filters
from marketplace.catalog.queries.listing import ROUTED
from marketplace.catalog.rules import Sort, position_of
from marketplace.companies.models import CompanyState
from marketplace.core.money import net_of
from marketplace.core.paging import decode_cursor
from marketplace.giving.rules import pledge_for
from tests.factories import (
    NOW,
    make_category,
    make_company,
    make_product,
    make_variant,
)


def titles(page):
    return [card.title for card in page.rows]


def all_pages(filters, sort, limit):
    cursor, found = None, []
    for _ in range(20):
        after = position_of(sort, decode_cursor(cursor, 2)) if cursor else None
        page = queries.list_cards(filters, sort, after=after, limit=limit)
        found += titles(page)
        cursor = page.next_cursor
        if cursor is None:
            return found
    raise AssertionError("the list does not end")


@pytest.mark.usefixtures("db")
class TestListCards:
    def test_shows_only_what_is_offered_by_a_company_that_may_sell(self):
        make_product(title="Offered")
        make_product(title="Draft", state=ProductState.DRAFT)
        make_product(title="Gone", state=ProductState.ARCHIVED)
        for state in (CompanyState.DRAFT, CompanyState.SUSPENDED):
            make_product(make_company(state=state), title=f"Of a {state} company")
        assert titles(queries.list_cards(Filters(), Sort.NEWEST)) == ["Offered"]

    def test_narrows_to_shelf_company_and_price(self):
        shelf, company = make_category(), make_company()
        for price in (999, 1000, 2000, 2001):
            make_product(company, price_minor=price, title=str(price), category_id=shelf.id)
        make_product(company, price_minor=1500, title="other shelf")
        make_product(price_minor=1500, title="other company", category_id=shelf.id)
        filters = Filters(
            category_id=shelf.id, company_id=company.id, price_from_minor=1000, price_to_minor=2000
        )
        assert titles(queries.list_cards(filters, Sort.CHEAPEST)) == ["1000", "2000"]
        assert queries.count_products(filters) == 2

    @pytest.mark.parametrize("sort", [sort for sort in Sort if sort is not Sort.RELEVANCE])
    def test_shows_each_product_once_over_all_pages(self, sort):
        companies = [make_company(pledge_bp=bp) for bp in (0, 500, 500)]
        for number in range(11):
            make_product(
                companies[number % 3],
                title=f"T{number}",
                price_minor=1000 * (number // 4),
                published_at=NOW + timedelta(days=number // 3),
            )
        found = all_pages(Filters(), sort, 3)
        assert sorted(found) == sorted(f"T{n}" for n in range(11))
        assert found == titles(queries.list_cards(Filters(), sort, limit=50))

    def test_pages_through_a_search_by_relevance(self):
        for number in range(7):
            make_product(title=f"Linen towel {number}", summary="linen " * (number % 3))
        found = all_pages(Filters(query="linen"), Sort.RELEVANCE, 2)
        assert len(found) == len(set(found)) == 7

    def test_sorts_by_what_is_given(self):
        make_product(make_company(pledge_bp=100), title="little", price_minor=100_000)
        make_product(make_company(pledge_bp=5000), title="most", price_minor=50_000)
        make_product(make_company(pledge_bp=None, pledge_unit_minor=500), title="unit")
        assert titles(queries.list_cards(Filters(), Sort.GIVES_MOST)) == ["most", "little", "unit"]

    def test_knows_several_prices_and_what_is_sold_out(self):
        one = make_product(title="one", on_hand=0)
        several = make_product(title="several", price_minor=1000)
        make_variant(several, price_minor=2000)
        make_variant(one, price_minor=9900, is_offered=False, on_hand=5)
        cards = {card.title: card for card in queries.list_cards(Filters(), Sort.NEWEST).rows}
        assert not cards["one"].has_several_prices
        assert cards["one"].is_available is False
        assert cards["several"].has_several_prices
        assert cards["several"].is_available is True

    def test_says_what_the_look_needs(self):
        company = make_company(name="Arbosca", city="Biella", palette="madder")
        make_product(company, category_id=make_category(glyph="towels").id, material="linen")
        card = queries.list_cards(Filters(), Sort.NEWEST).rows[0]
        assert (card.company_name, card.company_city, card.palette, card.glyph, card.material) == (
            "Arbosca",
            "Biella",
            "madder",
            "towels",
            "linen",
        )
        assert card.routed_minor == 240


@pytest.mark.usefixtures("db")
class TestSearch:
    @pytest.mark.parametrize(
        "query",
        [
            "linen",
            "LINEN towels",
            "towels linen",
            "tow",
            "ecole",
            "école",
            "0,5",
            "half-lin",
            "wet",
        ],
    )
    def test_finds(self, query):
        make_product(
            title="Linen towels of the Écoles 0,5",
            summary="half-linen",
            description_html="<p>Yarn spun wet</p>",
        )
        make_product(title="Something else")
        assert len(queries.list_cards(Filters(query=query), Sort.RELEVANCE).rows) == 1
        assert queries.count_products(Filters(query=query)) == 1

    @pytest.mark.parametrize("query", ["linen cups", "&&", "'", "linn", "script"])
    def test_finds_nothing(self, query):
        make_product(title="Linen towels", description_html="<p class='script'>x</p>")
        assert queries.list_cards(Filters(query=query), Sort.RELEVANCE).rows == []
        assert queries.count_products(Filters(query=query)) == 0

    def test_puts_a_title_before_a_description(self):
        make_product(title="Towels", description_html="<p>good for linen</p>", published_at=NOW)
        make_product(title="Linen", published_at=NOW - timedelta(days=9))
        found = queries.list_cards(Filters(query="linen"), Sort.RELEVANCE)
        assert titles(found) == ["Linen", "Towels"]

    def test_can_be_narrowed_and_sorted(self):
        for price in (3000, 1000, 2000):
            make_product(title=f"Linen {price}", price_minor=price)
        filters = Filters(query="linen", price_from_minor=1500)
        assert titles(queries.list_cards(filters, Sort.CHEAPEST)) == ["Linen 2000", "Linen 3000"]

    def test_survives_hostile_words(self, hostile):
        make_product(title="Linen towels")
        for text in hostile:
            queries.list_cards(Filters(query=text), Sort.RELEVANCE)
            queries.list_similar(text)

    @pytest.fixture
    def hostile(self):
        return [
            "'",
            "a'b",
            "\\",
            "a\\",
            "%",
            "_",
            "' or 1=1 --",
            "')) & ('",
            ":*",
            "a:*b",
            "!!",
            "<->",
            "a <1000000> b",
            "\ud7ff\uffff",
            "²³",
            "ﷺ",
            "😀 😀",
            "(((((",
            "a" * 100,
            "$1",
            ":terms",
            "%(x)s",
        ]


@pytest.mark.usefixtures("db")
class TestListSimilar:
    @pytest.mark.parametrize("query", ["linnen", "towls", "linnen towls", "kichen"])
    def test_finds_what_was_meant(self, query):
        make_product(title="Linen kitchen towels, set of three")
        make_product(title="Espresso cups")
        assert [c.title for c in queries.list_similar(query)] == [
            "Linen kitchen towels, set of three"
        ]

    def test_hides_what_is_not_offered(self):
        make_product(title="Linen kitchen towels", state=ProductState.DRAFT)
        assert queries.list_similar("linnen") == []


class TestRoutedInSql:
    @settings(
        max_examples=200,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(
        price=st.integers(0, 10**10),
        vat=st.integers(0, 5000),
        company=st.one_of(
            st.tuples(st.integers(0, 10_000), st.none()),
            st.tuples(st.none(), st.integers(0, 10**6)),
        ),
        product=st.one_of(
            st.just((None, None)),
            st.tuples(st.integers(0, 10_000), st.none()),
            st.tuples(st.none(), st.integers(0, 10**6)),
        ),
    )
    def test_is_the_rule_of_giving(self, db, price, vat, company, product):
        row = """select {routed} from
            (select cast(:price as bigint) price_from_minor, cast(:vat as int) vat_bp,
                    cast(:pb as int) pledge_bp, cast(:pu as bigint) pledge_unit_minor) product,
            (select cast(:cb as int) pledge_bp, cast(:cu as bigint) pledge_unit_minor) company"""
        values = dict(zip(("cb", "cu", "pb", "pu"), (*company, *product), strict=True))
        found = db.scalar(
            sa.text(row.format(routed=ROUTED)), {"price": price, "vat": vat, **values}
        )
        assert found == pledge_for(company, product).part_of(net_of(price, vat), 1)


@pytest.mark.usefixtures("db")
class TestListOfCompany:
    def test_leaves_one_out(self):
        company = make_company()
        made = [make_product(company, title=f"T{n}") for n in range(3)]
        make_product(title="noise")
        found = queries.list_of_company(company.id, without=made[1].id)
        assert sorted(card.title for card in found) == ["T0", "T2"]


@pytest.mark.usefixtures("db")
class TestFindProduct:
    def test_brings_all_that_its_page_shows(self, db):
        made = make_product(category_id=make_category().id)
        db.expunge_all()
        product = queries.find_product(made.slug)
        assert product.company.name
        assert product.category.name_en
        assert len(product.variants) == 1
        assert "search" not in product.__dict__

    @pytest.mark.parametrize("state", [ProductState.DRAFT, ProductState.ARCHIVED])
    def test_finds_only_what_is_offered(self, state):
        made = make_product(state=state)
        assert queries.find_product(made.slug) is None
        assert queries.find_state(made.slug) is state

    def test_does_not_find_the_product_of_a_suspended_company(self):
        made = make_product(make_company(state=CompanyState.SUSPENDED))
        assert queries.find_product(made.slug) is None


@pytest.mark.usefixtures("db")
class TestListShelves:
    def test_keeps_the_order_of_the_shop(self):
        make_category(slug="second", position=2)
        make_category(slug="first", position=1, name_fr="Premier")
        shelves = queries.list_shelves()
        assert [shelf.slug for shelf in shelves] == ["first", "second"]
        assert shelves[0].name_in("fr") == "Premier"
        assert shelves[0].name_in("de") == shelves[0].name_en


@pytest.mark.usefixtures("db")
class TestListCompaniesSelling:
    def test_names_those_that_may(self):
        make_company(name="B")
        make_company(name="A")
        make_company(name="C", state=CompanyState.DRAFT)
        assert [company.name for company in queries.list_companies_selling()] == ["A", "B"]

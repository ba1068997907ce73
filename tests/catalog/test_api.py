"""Products for programs: the figures of the pages, found by the same filters."""

import re

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Product, ProductState
from tests import factories
from tests.statements import statements

API = "/api/v1"


@pytest.fixture
def towel(db):
    company = factories.make_company(name="Arbosca", slug="arbosca", pledge_bp=800)
    shelf = factories.make_category(slug="linen", name_en="Linen", name_fr="Lin")
    product = factories.make_product(
        company, title="Towel", slug="towel", category_id=shelf.id, price_minor=3660
    )
    db.commit()
    return product


class TestProducts:
    def test_are_found_by_what_the_page_offers(self, client, towel, db):
        factories.make_product(title="Basket", price_minor=900)
        db.commit()

        def titles(query):
            answer = client.get(f"{API}/products?{query}")
            assert answer.status_code == 200, answer.text
            return [item["title"] for item in answer.json["items"]]

        assert titles("sort=price") == ["Basket", "Towel"]
        assert titles("q=towel") == ["Towel"]
        assert titles("category=linen") == ["Towel"]
        assert titles("company=arbosca") == ["Towel"]
        assert titles("price_to_minor=900") == ["Basket"]
        assert titles("price_from_minor=901") == ["Towel"]
        assert titles("category=nothing") == []
        assert titles("company=nobody") == []

    def test_say_price_and_what_is_given_of_it(self, client, towel):
        (item,) = client.get(f"{API}/products").json["items"]
        assert (item["price_minor"], item["routed_minor"], item["currency"]) == (3660, 240, "EUR")
        assert item["company"] == {"slug": "arbosca", "name": "Arbosca"}
        assert item["url"] == "http://localhost/products/towel"

    def test_go_on_by_key_without_losing_or_repeating_one(self, client, db):
        for number in range(50):
            factories.make_product(price_minor=100 + number // 3)
        db.commit()
        seen, address = [], f"{API}/products?sort=price"
        while address:
            page = client.get(address.removeprefix("http://localhost")).json
            seen += [item["slug"] for item in page["items"]]
            address = page["next"]
        assert len(seen) == len(set(seen)) == 50

    def test_need_few_statements(self, client, towel, engine):
        with statements(engine) as asked:
            client.get(f"{API}/products?category=linen&company=arbosca")
        assert len(asked) <= 4


class TestProduct:
    def test_has_the_figures_of_its_page(self, client, towel):
        product = client.get(f"{API}/products/towel").json
        page = client.get("/products/towel").text
        figures = set(re.findall(r'<data class="money[^"]*" value="([0-9.]+)"', page))
        (variant,) = product["variants"]
        for name in ("price", "vat", "routed", "commission", "company"):
            assert f"{variant[f'{name}_minor'] / 100:.2f}" in figures, name
        assert product["pledge_sentence"] in page

    def test_gives_every_cent_of_its_price_to_somebody(self, client, towel):
        (variant,) = client.get(f"{API}/products/towel").json["variants"]
        parts = ("vat_minor", "routed_minor", "commission_minor", "company_minor")
        assert sum(variant[part] for part in parts) == variant["price_minor"] == 3660

    def test_shows_only_variants_that_are_offered(self, client, towel, db):
        factories.make_variant(towel, title="Old", is_offered=False)
        db.commit()
        assert len(client.get(f"{API}/products/towel").json["variants"]) == 1

    def test_speaks_the_language_that_is_asked_for(self, client, towel):
        answer = client.get(f"{API}/categories", headers={"Accept-Language": "fr"})
        assert answer.json == {"items": [{"slug": "linen", "name": "Lin"}]}
        assert "Accept-Language" in answer.headers["Vary"]

    def test_is_gone_when_archived_and_unknown_when_a_draft(self, client, towel, db):
        towel.state = ProductState.ARCHIVED
        factories.make_product(slug="draft", state=ProductState.DRAFT)
        db.commit()
        assert client.get(f"{API}/products/towel").status_code == 410
        assert client.get(f"{API}/products/draft").status_code == 404

    def test_is_sent_again_only_when_it_changed(self, client, towel, db):
        first = client.get(f"{API}/products/towel")
        tag = {"If-None-Match": first.headers["ETag"]}
        assert first.headers["Cache-Control"] == "public, max-age=60"
        assert client.get(f"{API}/products/towel", headers=tag).status_code == 304
        db.execute(sa.update(Product).values(title="Bath towel"))
        db.commit()
        assert client.get(f"{API}/products/towel", headers=tag).status_code == 200

"""A company's desk: its products, in a browser without JavaScript."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from marketplace.accounts.models import MemberRole
from marketplace.catalog.models import Product, ProductState, Variant
from marketplace.media import storage
from tests import factories
from tests.statements import statements

FORM = {
    "title": "Blue cup",
    "summary": "A cup.",
    "description": "Holds tea.",
    "material": "Clay",
    "category": "",
    "vat": "22",
    "pledge_kind": "share",
    "pledge": "12,5",
    "variant_id": ["", ""],
    "variant_title": ["Small", ""],
    "variant_sku": ["C-S", ""],
    "variant_price": ["12.50", ""],
    "variant_stock": ["4", ""],
    "variant_stock_before": ["", ""],
    "variant_offered": ["yes", "yes"],
    "action": "save",
}


@pytest.fixture
def company(db):
    return factories.make_company(slug="potters")


@pytest.fixture
def member(client, company, sign_in):
    user = factories.make_user()
    factories.make_member(company, user, role=MemberRole.EDITOR)
    sign_in(client, user)
    return user


def only_product(db) -> Product:
    db.expire_all()
    return db.scalars(sa.select(Product)).one()


@pytest.mark.usefixtures("member")
class TestProducts:
    def test_lists_every_state_and_finds_by_title(self, client, company):
        for state in ProductState:
            factories.make_product(company, title=f"The {state} one", state=state)
        page = client.get("/company/potters/products").text
        assert all(f"The {state} one" in page for state in ProductState)
        found = client.get("/company/potters/products?q=draft").text
        assert "The draft one" in found
        assert "The live one" not in found

    def test_needs_few_statements_however_many_products(self, client, company, engine):
        for _ in range(5):
            factories.make_product(company)
        with statements(engine) as few:
            client.get("/company/potters/products")
        for _ in range(10):
            factories.make_product(company)
        with statements(engine) as more:
            client.get("/company/potters/products")
        assert len(few) == len(more) <= 8


@pytest.mark.usefixtures("member")
class TestForm:
    def test_makes_a_draft(self, client, db, company):
        shelf = factories.make_category(slug="cups")
        answer = client.post("/company/potters/products/new", data=FORM | {"category": "cups"})
        product = only_product(db)
        assert answer.status_code == 303
        assert answer.location == f"/company/potters/products/{product.id}"
        assert (product.title, product.state, product.pledge_bp) == ("Blue cup", "draft", 1250)
        assert product.category_id == shelf.id
        variant = db.scalars(sa.select(Variant)).one()
        assert (variant.title, variant.price_minor, variant.on_hand) == ("Small", 1250, 4)

    def test_shows_what_is_saved_and_saves_it_again(self, client, db, company):
        client.post("/company/potters/products/new", data=FORM)
        product = only_product(db)
        page = client.get(f"/company/potters/products/{product.id}").text
        assert 'value="12.50"' in page
        assert ">Holds tea.</textarea>" in page
        variant = db.scalars(sa.select(Variant)).one()
        changed = FORM | {
            "title": "Green cup",
            "pledge_kind": "amount",
            "pledge": "2",
            "variant_id": [str(variant.id), ""],
            "variant_stock": ["9", ""],
            "variant_stock_before": ["4", ""],
        }
        answer = client.post(f"/company/potters/products/{product.id}", data=changed)
        assert answer.status_code == 303
        product = only_product(db)
        assert (product.title, product.pledge_bp, product.pledge_unit_minor) == (
            "Green cup",
            None,
            200,
        )
        assert db.scalars(sa.select(Variant.on_hand)).all() == [9]

    def test_adds_rows_without_losing_what_was_typed(self, client, db):
        answer = client.post(
            "/company/potters/products/new", data=FORM | {"action": "rows", "title": "Half typed"}
        )
        assert answer.status_code == 200
        assert answer.text.count('name="variant_title"') == 5
        assert 'value="Half typed"' in answer.text
        assert db.scalars(sa.select(Product)).all() == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"title": ""}, "f-title"),
            ({"vat": "51"}, "from 0 to 50"),
            ({"pledge": "lots"}, "from 0 to 100"),
            ({"pledge_kind": "amount", "pledge": "x"}, "Write an amount"),
            ({"variant_price": ["free", ""]}, "Write an amount"),
            ({"variant_price": ["0", ""]}, "price above zero"),
            ({"variant_stock": ["-1", ""]}, "whole number"),
            ({"variant_sku": ["C-S"]}, "do not fit together"),
            ({"variant_id": ["x", ""]}, "do not fit together"),
            ({"variant_title": ["", ""], "variant_sku": ["", ""]} | {"variant_price": ["", ""]},
             "Write an amount"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, client, db, change, words):
        answer = client.post("/company/potters/products/new", data=FORM | change)
        assert answer.status_code == 422
        assert words in answer.text
        assert "Holds tea." in answer.text
        assert db.scalars(sa.select(Product)).all() == []

    def test_publishes_withdraws_and_archives(self, client, db, company):
        product = factories.make_product(company, state=ProductState.DRAFT, published_at=None)
        at = f"/company/potters/products/{product.id}"
        for step, state in (("publish", "live"), ("withdraw", "draft"), ("archive", "archived")):
            assert client.post(f"{at}/{step}").status_code == 303
            assert only_product(db).state == state
        assert only_product(db).published_at is not None

    def test_refuses_to_publish_nothing(self, client, db, company):
        product = factories.make_product(company, state=ProductState.DRAFT)
        db.execute(sa.update(Variant).values(is_offered=False))
        answer = client.post(f"/company/potters/products/{product.id}/publish")
        assert answer.status_code == 409


@pytest.mark.usefixtures("member")
class TestPhotos:
    def upload(self, client, product, data: bytes, alt: str = "A cup"):
        return client.post(
            f"/company/potters/products/{product.id}/photos",
            data={"photo": (io.BytesIO(data), "../../cup.php"), "alt": alt},
        )

    def test_are_taken_shown_and_removed(self, client, db, company):
        product = factories.make_product(company)
        picture = io.BytesIO()
        Image.new("RGB", (400, 400), "teal").save(picture, "PNG")
        assert self.upload(client, product, picture.getvalue()).status_code == 303
        page = client.get(f"/company/potters/products/{product.id}").text
        photo_id = only_product(db).photo_id
        assert f"/media/{photo_id.hex}-320.webp" in page
        assert client.get(f"/media/{photo_id.hex}-400.webp").status_code == 200
        gone = f"/company/potters/products/{product.id}/photos/{photo_id}/remove"
        assert client.post(gone).status_code == 303
        assert only_product(db).photo_id is None

    def test_that_are_none_are_refused(self, client, db, company):
        product = factories.make_product(company)
        before = len(list(storage.list_stored("photos")))
        answer = self.upload(client, product, b"<svg onload=alert(1)>")
        assert answer.status_code == 422
        assert "not a picture" in answer.text
        assert 'name="alt" type="text" value="A cup"' in answer.text
        assert len(list(storage.list_stored("photos"))) == before
        assert only_product(db).photo_id is None


class TestOthers:
    PLACES = (
        "/company/potters/products",
        "/company/potters/products/new",
        "/company/potters/import",
    )

    @pytest.mark.parametrize("place", PLACES)
    def test_are_asked_to_sign_in(self, client, company, place):
        assert "/sign-in" in client.get(place).location

    @pytest.mark.parametrize("place", PLACES)
    def test_do_not_find_it(self, client, company, sign_in, place):
        user = factories.make_user()
        factories.make_member(factories.make_company(slug="weavers"), user)
        sign_in(client, user)
        assert client.get(place).status_code == 404

    def test_do_not_reach_its_products_through_their_own_company(
        self, client, db, company, sign_in
    ):
        product = factories.make_product(company, state=ProductState.DRAFT)
        user = factories.make_user()
        factories.make_member(factories.make_company(slug="weavers"), user)
        sign_in(client, user)
        at = f"/company/weavers/products/{product.id}"
        assert client.get(at).status_code == 404
        assert client.post(at, data=FORM).status_code == 404
        assert client.post(f"{at}/publish").status_code == 404
        assert only_product(db).state is ProductState.DRAFT

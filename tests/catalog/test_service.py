"""Products are made, changed, published; stock is never lost."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog import service
from marketplace.catalog.models import ProductPhoto, ProductState, Variant
from marketplace.catalog.queries import desk
from marketplace.catalog.service import ProductFacts, VariantFacts
from marketplace.core.errors import Invalid, NotFound
from marketplace.core.ids import new_id
from marketplace.media.models import Photo
from tests import factories

NOW = factories.NOW
FACTS = ProductFacts(
    title="Blue cup",
    summary="A cup.",
    description="Holds tea.\n\n<script>alert(1)</script>",
    material="Clay",
    category_id=None,
    vat_bp=2200,
)
SMALL = VariantFacts(None, "Small", "C-S", 1200, True, 4)
LARGE = VariantFacts(None, "Large", "C-L", 1500, True, 2)


@pytest.fixture
def cup(db):
    return service.create_product(
        company=factories.make_company(), facts=FACTS, variants=[SMALL, LARGE], now=NOW
    )


def as_facts(variant: Variant) -> VariantFacts:
    return VariantFacts(
        variant.id,
        variant.title,
        variant.sku,
        variant.price_minor,
        variant.is_offered,
        variant.on_hand,
        variant.on_hand,
    )


def make_photo(db) -> Photo:
    photo_id = new_id()
    photo = Photo(
        id=photo_id, key=photo_id.hex, sha256=b"x", width=9, height=9, widths=[9], created_at=NOW
    )
    db.add(photo)
    db.flush()
    return photo


BY = {"by": User(), "now": NOW}
"""Who revises; only of a promise it is written down."""


class TestCreateProduct:
    def test_makes_a_draft_with_its_variants(self, cup):
        assert (cup.slug, cup.state, cup.published_at) == ("blue-cup", ProductState.DRAFT, None)
        assert [(v.title, v.on_hand) for v in cup.variants] == [("Small", 4), ("Large", 2)]
        assert cup.price_from_minor == 1200
        assert "script" not in cup.description_html

    def test_gives_each_an_address_of_its_own(self, db, cup):
        other = service.create_product(
            company=factories.make_company(), facts=FACTS, variants=[SMALL], now=NOW
        )
        assert other.slug.startswith("blue-cup-")

    @pytest.mark.parametrize("variants", [[], [SMALL, replace(LARGE, title="Small")]])
    def test_wants_variants_that_differ(self, db, variants):
        with pytest.raises(Invalid):
            service.create_product(
                company=factories.make_company(), facts=FACTS, variants=variants, now=NOW
            )


class TestReviseProduct:
    def test_counts_what_was_sold_while_the_form_was_open(self, db, cup):
        small, large = map(as_facts, cup.variants)
        db.execute(sa.update(Variant).where(Variant.id == small.id).values(on_hand=1))
        service.revise_product(
            product=cup, facts=FACTS, variants=[replace(small, on_hand=10), large], **BY
        )
        assert [variant.on_hand for variant in cup.variants] == [7, 2]

    def test_lets_variants_change_names_with_each_other(self, db, cup):
        small, large = map(as_facts, cup.variants)
        service.revise_product(
            product=cup,
            facts=replace(FACTS, title="Green cup"),
            variants=[replace(small, title="Large"), replace(large, title="Small")],
            **BY,
        )
        assert [(v.title, v.sku) for v in cup.variants] == [("Large", "C-S"), ("Small", "C-L")]
        assert (cup.title, cup.slug) == ("Green cup", "blue-cup")

    def test_withdraws_a_variant_that_is_not_named_any_more(self, db, cup):
        _small, large = map(as_facts, cup.variants)
        fresh = VariantFacts(None, "Small", "C-N", 900, True, 1)
        service.revise_product(product=cup, facts=FACTS, variants=[large, fresh], **BY)
        offered = {v.title: v.sku for v in cup.variants if v.is_offered}
        assert offered == {"Large": "C-L", "Small": "C-N"}
        assert cup.price_from_minor == 900

    def test_leaves_what_is_reserved(self, db, cup):
        small, large = map(as_facts, cup.variants)
        db.execute(sa.update(Variant).where(Variant.id == small.id).values(reserved=3))
        with pytest.raises(Invalid) as refused:
            service.revise_product(
                product=cup, facts=FACTS, variants=[replace(small, on_hand=2), large], **BY
            )
        assert "variants" in refused.value.fields

    def test_knows_no_variant_of_another_product(self, db, cup):
        other = factories.make_product()
        with pytest.raises(NotFound):
            service.revise_product(
                product=cup, facts=FACTS, variants=[as_facts(other.variants[0])], **BY
            )


class TestPublishing:
    def test_keeps_the_day_of_the_first_time(self, db, cup):
        service.publish_product(product=cup, now=NOW)
        assert (cup.state, cup.published_at) == (ProductState.LIVE, NOW)
        service.withdraw_product(product=cup)
        assert cup.state is ProductState.DRAFT
        service.publish_product(product=cup, now=NOW.replace(year=2027))
        assert cup.published_at == NOW
        service.archive_product(product=cup)
        assert cup.state is ProductState.ARCHIVED

    def test_wants_something_to_offer(self, db, cup):
        for variant in cup.variants:
            variant.is_offered = False
        with pytest.raises(service.NothingOffered):
            service.publish_product(product=cup, now=NOW)


class TestAdjustStock:
    def test_goes_up_and_down_but_not_below_what_is_reserved(self, db, cup):
        small = cup.variants[0]
        assert service.adjust_stock(variant_id=small.id, by=3) == 7
        db.execute(sa.update(Variant).where(Variant.id == small.id).values(reserved=6))
        assert service.adjust_stock(variant_id=small.id, by=-1) == 6
        with pytest.raises(Invalid):
            service.adjust_stock(variant_id=small.id, by=-1)


class TestPhotos:
    def test_the_newest_is_first_and_the_next_one_moves_up(self, db, cup):
        first, second = make_photo(db), make_photo(db)
        service.show_photo(product=cup, photo=first)
        service.show_photo(product=cup, photo=second)
        db.flush()
        assert cup.photo_id == second.id
        service.drop_photo(product=cup, photo_id=second.id)
        db.flush()
        assert cup.photo_id == first.id
        assert db.scalars(sa.select(ProductPhoto)).all() == []
        service.drop_photo(product=cup, photo_id=first.id)
        assert cup.photo_id is None

    def test_are_at_most_twelve(self, db, cup):
        for _ in range(service.MOST_PHOTOS):
            service.show_photo(product=cup, photo=make_photo(db))
            db.flush()
        with pytest.raises(Invalid):
            service.show_photo(product=cup, photo=make_photo(db))

    def test_of_another_product_cannot_be_dropped(self, db, cup):
        with pytest.raises(NotFound):
            service.drop_photo(product=cup, photo_id=make_photo(db).id)


class TestDeskQueries:
    def test_pages_through_a_companys_own_products(self, db, monkeypatch):
        monkeypatch.setattr(desk, "ROWS", 2)
        company = factories.make_company()
        for title in ("C", "A", "100% B", "D"):
            factories.make_product(company, title=title)
        factories.make_product(title="A of others")
        first = desk.list_desk_rows(company.id)
        second = desk.list_desk_rows(company.id, after=first.next_cursor)
        assert [row.title for row in (*first.rows, *second.rows)] == ["100% B", "A", "C", "D"]
        assert second.next_cursor is None
        assert [row.title for row in desk.list_desk_rows(company.id, search="0%").rows] == [
            "100% B"
        ]
        assert first.rows[0].available == 10
        assert len(desk.list_desk_rows(company.id, after="nonsense").rows) == 2

    def test_knows_nothing_of_other_companies(self, db):
        product = factories.make_product()
        with pytest.raises(NotFound):
            desk.get_own_product(factories.make_company().id, product.id)

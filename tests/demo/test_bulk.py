"""Orders and products in bulk: as sound as those that people made."""

import sqlalchemy as sa

from marketplace.catalog.models import Category, Product, Variant
from marketplace.companies.models import Company
from marketplace.demo import bulk, shelves
from marketplace.invariants import queries as invariants
from marketplace.orders.models import CompanyOrder, Order, OrderLine
from tests import factories


def count(db, model, *conditions) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions))


class TestMakeOrders:
    def test_leaves_every_invariant_whole(self, db):
        weaver = factories.make_company(pledge_bp=833, shipping_minor=490)
        roaster = factories.make_company(pledge_bp=None, pledge_unit_minor=67, shipping_minor=0)
        for price in (999, 3661, 12_345):
            factories.make_product(weaver, price_minor=price)
        factories.make_product(roaster, price_minor=1342, vat_bp=1000)
        for _ in range(3):
            factories.make_project()
        db.commit()
        before = db.scalars(sa.select(Variant.on_hand).order_by(Variant.id)).all()
        bulk.make_orders(60)
        broken = [finding.invariant.name for finding in invariants.check_all() if not finding.holds]
        assert broken == []
        assert count(db, Order, Order.state == "paid") == 60
        assert count(db, OrderLine, OrderLine.quantity == 2) > 0
        released = count(db, CompanyOrder, CompanyOrder.released_at.is_not(None))
        assert 0.8 < released / count(db, CompanyOrder) < 1
        assert db.scalars(sa.select(Variant.on_hand).order_by(Variant.id)).all() == before

    def test_can_be_done_again(self, db):
        factories.make_product()
        factories.make_project()
        db.commit()
        bulk.make_orders(3)
        bulk.make_orders(4)
        assert count(db, Order) == 7


class TestFill:
    def test_fills_up_to_a_count(self, db):
        factories.make_project()
        factories.make_product()
        db.commit()
        shelves.fill(30)
        shelves.fill(30)
        assert count(db, Product) == 30
        assert count(db, Company) == shelves.COMPANIES
        assert count(db, Category) == shelves.CATEGORIES

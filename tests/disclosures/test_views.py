"""What is told is shown beside the button, frozen with the order, and explained on a page."""

import html

import pytest
import sqlalchemy as sa

from marketplace.checkout.service import placing
from marketplace.disclosures.rules import Disclosed
from marketplace.orders import jobs
from marketplace.orders.models import Order
from tests import factories
from tests.checkout.shopper import Shopper
from tests.statements import statements

HERE = "http://localhost"


@pytest.fixture
def ready(client, db):
    """Return a function that goes up to the payment page: 2.40 to a project, 2.00 of one's own."""

    def go(country="IT", at=""):
        shopper = Shopper(client, at)
        company = factories.make_company(name="Tessitura Arbosca", shipping_minor=490)
        springs = factories.make_project(title="Eight springs")
        shopper.puts(factories.make_product(company, title="Linen towel", price_minor=3660))
        shopper.says_address(country=country)
        shopper.chooses({springs: "2.40" if not at else "2,40"}, top_up="200")
        return shopper

    return go


def the_order(db):
    return db.scalars(sa.select(Order).options(sa.orm.undefer(Order.disclosure))).one()


class TestBesideTheButton:
    @pytest.mark.parametrize(
        ("country", "version", "at"),
        [
            ("IT", "eu-1", ""),
            ("GB", "uk-1", ""),
            ("US", "us-1", ""),
            ("CH", "other-1", ""),
            ("FR", "eu-1", "/fr"),
        ],
    )
    def test_stands_what_is_frozen_with_the_order(self, ready, db, country, version, at):
        shopper = ready(country, at)
        page = html.unescape(shopper.get("/checkout/payment").text)
        assert shopper.places().status_code == 303
        order = the_order(db)
        assert order.disclosure_version == version
        paragraphs = order.disclosure.split("\n")
        assert len(paragraphs) > 5
        for text in paragraphs:
            assert f">{text}</p>" in page
        assert page.index(paragraphs[-1]) < page.index('name="checkout_key"')

    def test_is_what_the_company_promised_until(self, ready, db):
        shopper = ready("US")
        db.execute(sa.text("update company set pledge_until = '2030-06-30'"))
        shopper.places()
        assert "has promised these terms until June 30, 2030." in the_order(db).disclosure


class TestFrozen:
    @pytest.fixture
    def order(self, ready, provider, db):
        shopper = ready()
        back = provider.pay(shopper.places().location)
        shopper.client.get(back.removeprefix(HERE))
        return the_order(db)

    @pytest.mark.parametrize("column", ["disclosure", "disclosure_version"])
    def test_is_not_changed_by_anybody(self, db, order, column):
        with pytest.raises(sa.exc.DBAPIError, match="stays as it was"), db.begin_nested():
            db.execute(sa.text(f"update customer_order set {column} = 'You donate'"))

    def test_stands_on_the_receipt_and_in_its_json(self, client, order):
        page = html.unescape(client.get(f"/receipt/{order.token}").text)
        first = order.disclosure.split("\n")[0]
        assert f"<p>{first}</p>" in page
        assert "/disclosures#eu-1" in page
        told = client.get(f"/receipt/{order.token}.json").json
        assert told["disclosure"] == {"version": "eu-1", "text": order.disclosure}

    def test_stands_in_the_letter(self, app, order):
        app.extensions["post"].letters.clear()
        jobs.order_receipt_mail(order_id=str(order.id))
        letter = app.extensions["post"].letters[-1]
        for kind in ("plain", "html"):
            body = html.unescape(letter.get_body((kind,)).get_content())
            for text in order.disclosure.split("\n"):
                assert text in body

    def test_is_missed_by_no_order_that_is_older(self, ready, provider, db, monkeypatch):
        monkeypatch.setattr(placing, "disclose", lambda *_told, **_in: Disclosed("", ""))
        shopper = ready()
        shopper.client.get(provider.pay(shopper.places().location).removeprefix(HERE))
        page = shopper.client.get(f"/receipt/{the_order(db).token}").text
        assert "What you were told before you paid" not in page
        assert "is not tax-deductible for you" in page


class TestPage:
    def test_shows_every_version_and_where_it_applies(self, client, engine):
        with statements(engine) as asked:
            page = html.unescape(client.get("/disclosures").text)
        assert asked == []
        for version in ("eu-1", "uk-1", "us-1", "other-1"):
            assert f'id="{version}"' in page
        assert "This is not legal advice." in page
        assert "Holds for deliveries to: United Kingdom." in page
        assert "Holds for deliveries to: Switzerland." in page
        assert "Example Weavers has promised these terms until December 31, 2027." in page

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_is_in_other_languages(self, client, language):
        page = client.get(f"/{language}/disclosures").text
        assert "The companies give it" not in page
        assert "commercial co-venturer" in page

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from marketplace.checkout import service as checkout
from marketplace.core import clock
from marketplace.orders import service as orders
from marketplace.orders.models import CompanyOrder, CompanyOrderState, Order
from marketplace.orders.queries import get_order
from tests import factories
from tests.checkout.shopper import Shopper
from tests.statements import statements

HERE = "http://localhost"


@pytest.fixture
def shopper(client):
    return Shopper(client)


@pytest.fixture
def bought(shopper, provider, db):
    """Return a function that buys: 2.40 and 5.00 to two projects, 2.00 of one's own."""

    def buy(at: str = "") -> Order:
        shopper.at = at
        towels = factories.make_company(name="Tessitura Arbosca", shipping_minor=490)
        totes = factories.make_company(
            name="Voilerie Kerguen", pledge_bp=None, pledge_unit_minor=500
        )
        springs = factories.make_project(title="Eight springs")
        workshop = factories.make_project(title="Repair workshop")
        shopper.puts(factories.make_product(towels, title="Linen towel", price_minor=3660))
        shopper.puts(factories.make_product(totes, title="Sailcloth tote", price_minor=5900))
        shopper.says_address()
        shopper.chooses({springs: "5.00", workshop: "2.40"}, top_up="200")
        back = provider.pay(shopper.places().location)
        shopper.client.get(back.removeprefix(HERE))
        return db.scalars(sa.select(Order).order_by(Order.placed_at.desc())).first()

    return buy


def page_of(shopper, order):
    return shopper.client.get(f"/receipt/{order.token}")


class TestReceipt:
    def test_adds_up_to_the_cent(self, shopper, bought):
        page = page_of(shopper, bought()).text
        assert "Where your €9.40 is now" in page
        assert "€7.40 came out of the companies’ prices, €2.00 is your own donation." in page
        assert "€9.40 is held until the goods can no longer be returned." in page
        assert "Total, of which VAT" in page
        assert "€102.50" in page

    def test_says_until_when_each_part_is_held_from_what_is_recorded(self, shopper, bought, db):
        order = get_order(bought().id)
        first, second = order.company_orders
        day = clock.now() + timedelta(days=5)
        first.window_closes_at, second.window_closes_at = day, None
        db.commit()
        assert "Until it is sent and cannot be returned" in page_of(shopper, order).text
        second = db.merge(second)
        second.window_closes_at = day + timedelta(days=2)
        db.commit()
        told = shopper.client.get(f"/receipt/{order.token}.json").get_json()
        assert {one["held_until"] for one in told["projects"]} == {
            second.window_closes_at.isoformat()
        }
        second = db.merge(second)
        second.state, second.window_closes_at = CompanyOrderState.CANCELLED, None
        db.commit()
        told = shopper.client.get(f"/receipt/{order.token}.json").get_json()
        assert {one["held_until"] for one in told["projects"]} == {day.isoformat()}
        assert f"Until {day.day} {day:%B %Y}" in page_of(shopper, order).text

    def test_shows_the_very_sentences_that_were_shown(self, shopper, bought):
        page = page_of(shopper, bought()).text
        assert (
            "Tessitura Arbosca gives 8% of the price excluding VAT. "
            "€2.40 of this purchase goes to the projects you choose." in page
        )
        assert "is not a donation by you and is not tax-deductible for you" in page

    def test_lists_entries_that_add_up_to_the_total(self, shopper, bought):
        told = shopper.client.get(f"/receipt/{bought().token}.json").get_json()
        paid = [entry["amount_minor"] for entry in told["entries"] if entry["is_purchase"]]
        assert sum(paid) == told["total_minor"] == 10250

    def test_tells_the_same_as_json(self, shopper, bought):
        told = shopper.client.get(f"/receipt/{bought().token}.json").get_json()
        assert told["given_by_companies_minor"] == 740
        assert told["own_donation_minor"] == 200
        first, second = told["projects"]
        assert (first["given_by_companies_minor"], first["own_donation_minor"]) == (500, 135)
        assert (second["given_by_companies_minor"], second["held_minor"]) == (240, 305)
        assert "email" not in told

    def test_shows_what_was_given_back_and_why(self, shopper, bought, run_jobs, db):
        order = get_order(bought().id)
        checkout.request_refund(
            order_id=order.id,
            pieces={order.lines[0].id: 1},
            shipping=[],
            reason="Came with a hole",
            requested_by_id=None,
            now=clock.now(),
        )
        run_jobs()
        page = page_of(shopper, order).text
        assert "Reason: Came with a hole" in page
        assert "€2.40 went back with a refund." in page
        assert "−€36.60" in page
        told = shopper.client.get(f"/receipt/{order.token}.json").get_json()
        assert sum(lane["held_minor"] for lane in told["projects"]) == 700

    def test_moves_on_when_the_time_for_returns_is_over(self, shopper, bought, db):
        order = bought()
        long_ago = clock.now() - timedelta(days=40)
        for part in db.scalars(sa.select(CompanyOrder)).all():
            orders.mark_sent(
                company_order=part, tracking="TT1", return_window=timedelta(days=14), now=long_ago
            )
            checkout.release(company_order_id=part.id, now=clock.now())
        page = page_of(shopper, order).text
        assert "€9.40 is confirmed and held until its payout." in page
        assert "tracking TT1" in page

    def test_is_private(self, shopper, bought):
        headers = page_of(shopper, bought()).headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "same-origin"

    def test_waits_for_the_news_of_a_payment(self, shopper, bought, db):
        order = bought()
        db.execute(sa.text("update customer_order set state = 'placed', payment_id = null"))
        db.expire_all()
        page = page_of(shopper, order).text
        assert "We are waiting for news of your payment" in page
        told = shopper.client.get(f"/receipt/{order.token}.json").get_json()
        assert "entries" not in told

    def test_asks_at_most_four_questions_of_the_database(self, shopper, bought, engine):
        order = bought()
        with statements(engine) as asked:
            page_of(shopper, order)
        assert len(asked) <= 4, asked

    def test_tells_a_guest_how_to_claim_it(self, shopper, bought):
        assert "You bought as a guest" in page_of(shopper, bought()).text

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_speaks_the_language_of_its_address(self, shopper, bought, language):
        page = shopper.client.get(f"/{language}/receipt/{bought().token}").text
        assert f'<html lang="{language}"' in page
        assert re.search(r"9,40\s€", page)


class TestLetters:
    @pytest.fixture
    def letters(self, app):
        post = app.extensions["post"]
        post.letters.clear()
        return post.letters

    def test_carry_the_figures_of_the_receipt(self, bought, run_jobs, letters):
        order = bought()
        run_jobs()
        (letter,) = letters
        text = letter.get_body(("plain",)).get_content()
        assert letter["To"] == order.email
        assert letter["Message-ID"] == f"<receipt-{order.id}@causeway>"
        assert "€7.40" in letter["Subject"]
        assert "€102.50" in text
        assert "Eight springs: €5.00 (and €1.35 of your own)" in text
        assert f"{HERE}/en/receipt/{order.token}" in text

    def test_are_in_the_language_of_the_order(self, bought, run_jobs, letters):
        bought("/fr")
        run_jobs()
        text = letters[0].get_body(("plain",)).get_content()
        assert re.search(r"102,50\s€", text)
        assert "/fr/receipt/" in text

    def test_say_that_a_parcel_is_on_its_way(self, bought, run_jobs, letters, db):
        bought()
        run_jobs()
        part = db.scalars(sa.select(CompanyOrder).order_by(CompanyOrder.number)).first()
        orders.mark_sent(
            company_order=part,
            tracking="TT1",
            return_window=timedelta(days=14),
            now=clock.now(),
        )
        run_jobs()
        text = letters[-1].get_body(("plain",)).get_content()
        assert letters[-1]["Subject"] == "Tessitura Arbosca has sent your parcel"
        assert "TT1" in text
        assert "Linen towel" in text
        assert "Sailcloth tote" not in text

    def test_say_what_was_given_back_and_why(self, bought, run_jobs, letters, db):
        order = bought()
        checkout.request_full_refund(
            order_id=order.id, reason="Lost on the way", requested_by_id=None, now=clock.now()
        )
        run_jobs()
        letter = next(one for one in letters if "given back" in one["Subject"])
        assert "€102.50" in letter["Subject"]
        assert "Lost on the way" in letter.get_body(("plain",)).get_content()

    def test_say_that_a_payment_came_too_late(self, app, bought, letters):
        from marketplace.orders import jobs

        order = bought()
        letters.clear()
        jobs.late_payment_mail(order_id=str(order.id), amount_minor=order.total_minor)
        assert "€102.50" in letters[0]["Subject"]
        assert "sending all of it back" in letters[0].get_body(("html",)).get_content()


class TestAccount:
    def test_needs_somebody_signed_in(self, client):
        for page in ("orders", "impact"):
            assert client.get(f"/account/{page}").location == f"/sign-in?next=/account/{page}"

    def test_says_what_to_do_where_nothing_was_bought(self, client, sign_in):
        sign_in(client, factories.make_user())
        assert "No orders yet" in client.get("/account/orders").text
        assert "Nothing yet" in client.get("/account/impact").text

    def test_lists_own_orders_only(self, shopper, client, bought, sign_in):
        bought()
        sign_in(client, factories.make_user())
        mine = bought()
        page = client.get("/account/orders").text
        assert re.findall(r"CW-\d+-\d+", page) == [mine.number]
        assert "€7.40" in page

    def test_turns_pages_by_key(self, client, bought, sign_in, db, engine):
        user = factories.make_user()
        sign_in(client, user)
        bought()
        assert client.get("/account/orders?after=nonsense").status_code == 200
        with statements(engine) as asked:
            client.get("/account/orders")
        assert len(asked) <= 8

    def test_sums_what_purchases_gave_by_project_and_by_whose_money(
        self, client, bought, sign_in, db, run_jobs
    ):
        sign_in(client, factories.make_user())
        order = get_order(bought().id)
        checkout.request_refund(
            order_id=order.id,
            pieces={order.lines[0].id: 1},
            shipping=[],
            reason="Came with a hole",
            requested_by_id=None,
            now=clock.now(),
        )
        run_jobs()
        page = client.get("/account/impact").text
        companies, own = re.findall(r"<tfoot>.*?</tfoot>", page, re.DOTALL)
        assert re.findall(r"€(\d+\.\d\d)", companies) == ["5.00", "0.00", "5.00"]
        assert re.findall(r"€(\d+\.\d\d)", own) == ["2.00", "0.00", "2.00"]

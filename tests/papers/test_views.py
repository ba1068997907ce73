"""The papers of an order at the receipt's address, a year of gifts, a company's invoices."""

import html
import re
from io import BytesIO

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.orders.models import Order
from marketplace.orders.queries import get_order
from tests import factories
from tests.papers.conftest import GIVER
from tests.papers.test_service import receipts, refund_all


def is_pdf(answer):
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    return BytesIO(answer.data).read(5) == b"%PDF-"


def links(page, what):
    return re.findall(rf'href="([^"]*/{what}/[0-9a-f-]+\.pdf)"', page)


class TestPapers:
    def test_has_an_invoice_of_each_company(self, client, shop):
        order = shop.buy()
        page = client.get(f"/receipt/{order.token}/papers")
        assert page.headers["Cache-Control"] == "no-store"
        found = links(page.text, "invoices")
        assert len(found) == 2
        assert all(is_pdf(client.get(one)) for one in found)
        again = client.get(f"/receipt/{order.token}/papers").text
        assert links(again, "invoices") == found

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_is_in_other_languages(self, client, shop, recipient, language):
        order = shop.buy()
        page = client.get(f"/{language}/receipt/{order.token}/papers").text
        assert "Each company sold you" not in page
        assert is_pdf(client.get(links(page, "invoices")[0]))

    def test_has_credit_notes(self, client, shop):
        order = shop.buy()
        shop.refund(order, line=0)
        page = client.get(f"/receipt/{order.token}/papers").text
        assert "Credit note C-" in page
        assert all(is_pdf(client.get(one)) for one in links(page, "invoices"))

    def test_is_not_there_for_what_was_not_paid(self, client, shop):
        order = shop.place()
        assert client.get(f"/receipt/{order.token}/papers").status_code == 404

    def test_hides_the_invoices_of_others(self, client, shop):
        mine, other = shop.buy().token, shop.buy().token
        page = client.get(f"/receipt/{other}/papers").text
        (path, _) = links(page, "invoices")
        stolen = path.replace(other, mine)
        assert client.get(stolen).status_code == 404

    def test_speaks_of_gift_receipts_only_where_there_is_a_gift(self, client, shop):
        order = shop.buy(top_up=0)
        page = client.get(f"/receipt/{order.token}/papers").text
        assert "Receipts for your own gift" not in page
        assert "Invoices and gift receipts" not in client.get(f"/receipt/{order.token}").text

    def test_is_linked_on_the_receipt(self, client, shop):
        order = shop.buy()
        page = client.get(f"/receipt/{order.token}").text
        assert f"/receipt/{order.token}/papers" in page
        assert "Invoices and gift receipts" in page

    def test_asks_for_no_name_where_nobody_qualifies(self, client, shop):
        page = client.get(f"/receipt/{shop.buy().token}/papers").text
        assert page.count("No gift receipt: we have seen no document") == 3
        assert 'name="postal_code"' not in page


class TestAsking:
    def test_gets_a_receipt_without_an_account(self, client, confirmed, recipient, db):
        order = confirmed()
        at = f"/receipt/{order.token}/papers"
        assert "can write a receipt over €1.00" in client.get(at).text
        assert client.post(at, data=GIVER).status_code == 303
        page = html.unescape(client.get(at).text)
        assert "Receipt G-" in page
        assert 'name="postal_code"' not in page  # nothing more is to come
        (path,) = links(page, "gifts")
        assert is_pdf(client.get(path))

    def test_is_noted_while_the_gift_is_pending(self, client, shop, recipient, db):
        order = shop.buy()
        at = f"/receipt/{order.token}/papers"
        assert "once the gift is confirmed" in client.get(at).text
        answer = client.post(at, data=GIVER, follow_redirects=True)
        assert "Noted. You get your gift receipt by letter" in answer.text
        assert "Receipts are written to Elena Bianchi, Torino." in html.unescape(answer.text)
        assert receipts(db) == []

    @pytest.mark.parametrize(
        "changes", [{"name": ""}, {"country": "XX"}, {"street": "x" * 201}, {"city": " "}]
    )
    def test_says_what_is_missing_and_loses_nothing(self, client, shop, recipient, changes):
        order = shop.buy()
        answer = client.post(f"/receipt/{order.token}/papers", data=GIVER | changes)
        assert answer.status_code == 422
        assert "Please correct this" in answer.text
        assert 'value="10121"' in answer.text

    def test_refuses_what_it_did_not_ask_for(self, client, shop, recipient):
        order = shop.buy()
        answer = client.post(f"/receipt/{order.token}/papers", data=GIVER | {"amount": "1000"})
        assert answer.status_code == 422

    def test_says_that_there_is_no_gift(self, client, shop, recipient):
        order = shop.buy(top_up=0)
        answer = client.post(f"/receipt/{order.token}/papers", data=GIVER)
        assert answer.status_code == 409

    def test_is_counted(self, client, shop, recipient):
        order = shop.buy()
        codes = [
            client.post(f"/receipt/{order.token}/papers", data=GIVER).status_code for _ in range(7)
        ]
        assert codes[0] == 303
        assert codes[-1] == 429


class TestCancelled:
    def test_is_shown_and_still_served(self, client, shop, confirmed, recipient, ask, look, db):
        order = confirmed()
        ask(order)
        refund_all(shop, order)
        look(order)
        page = html.unescape(client.get(f"/receipt/{order.token}/papers").text)
        assert "cancelled" in page
        assert "does not hold since" in page
        assert "The gift was given back." in page
        (path,) = links(page, "gifts")
        assert is_pdf(client.get(path))

    def test_is_cancelled_at_once_where_the_job_was_late(
        self, client, shop, confirmed, recipient, ask, db
    ):
        order = confirmed()
        ask(order)
        (path,) = links(client.get(f"/receipt/{order.token}/papers").text, "gifts")
        refund_all(shop, order)
        assert is_pdf(client.get(path))
        assert receipts(db)[0].cancelled_at is not None

    def test_belongs_to_its_own_order(self, client, shop, confirmed, recipient, ask, db):
        mine, other = confirmed(), confirmed()
        (written,) = ask(other)
        path = f"/receipt/{mine.token}/gifts/{written.id}.pdf"
        assert client.get(path).status_code == 404
        missing = f"/receipt/{mine.token}/gifts/{shop.projects[0].id}.pdf"
        assert client.get(missing).status_code == 404


class TestYear:
    @pytest.fixture
    def person(self, db, sign_in, client):
        found = factories.make_user(name="Elena")
        db.commit()
        sign_in(client, found)
        return found

    def own(self, db, order, person):
        db.execute(sa.update(Order).where(Order.id == order.id).values(customer_id=person.id))
        db.commit()

    def test_adds_up_the_receipts_that_hold(
        self, client, db, person, shop, confirmed, recipient, ask, look
    ):
        year = clock.now().year
        for place in range(3):
            order = confirmed()
            self.own(db, order, person)
            if place < 2:
                ask(order)
        refund_all(shop, order)
        page = client.get("/account/gifts").text
        assert page.count("G-") >= 2
        assert "€2.00" in page
        assert f"/receipt/{order.token}/papers#gifts" in page
        assert is_pdf(client.get(f"/account/gifts/{year}.pdf"))
        assert client.get(f"/account/gifts?year={year}").status_code == 200
        for other in (0, 10_000, 9**99):
            assert client.get(f"/account/gifts/{other}.pdf").status_code == 404
            assert client.get(f"/account/gifts?year={other}").status_code == 200
        assert client.get("/account/gifts?year=nonsense").status_code == 200

    def test_is_empty_for_who_gave_nothing(self, client, person):
        assert "Nothing yet" in client.get("/account/gifts").text
        assert client.get(f"/account/gifts/{clock.now().year}.pdf").status_code == 404

    def test_marks_what_was_cancelled_and_does_not_count_it(
        self, client, db, person, shop, confirmed, recipient, ask, look
    ):
        order = confirmed()
        self.own(db, order, person)
        ask(order)
        refund_all(shop, order)
        look(order)
        page = client.get("/account/gifts").text
        assert "cancelled" in page
        assert "<s>" in page
        assert "Total of the receipts that hold" not in page


class TestCompany:
    SAID = {
        "legal_name": "Tessitura Arbosca S.r.l.",
        "address": "Via Serra 4\n13900 Biella",
        "vat_number": "IT01234560027",
        "registration": "REA BI-12345",
    }

    @pytest.fixture
    def desk(self, db, shop, sign_in, client):
        member = factories.make_user(name="Marta")
        factories.make_member(shop.companies[0], member)
        db.commit()
        sign_in(client, member)
        return f"/company/{shop.companies[0].slug}"

    def test_says_what_its_invoices_say(self, client, desk):
        page = client.get(f"{desk}/invoicing").text
        assert "Until this is filled in" in page
        assert client.post(f"{desk}/invoicing", data=self.SAID).status_code == 303
        page = client.get(f"{desk}/invoicing").text
        assert "Until this is filled in" not in page
        assert "IT01234560027" in page
        assert client.post(f"{desk}/invoicing", data=self.SAID).status_code == 303

    def test_loses_nothing_that_was_typed(self, client, desk):
        answer = client.post(f"{desk}/invoicing", data=self.SAID | {"legal_name": ""})
        assert answer.status_code == 422
        assert "REA BI-12345" in answer.text

    def test_is_for_owners_to_change(self, client, db, shop, sign_in):
        editor = factories.make_user()
        factories.make_member(shop.companies[0], editor, role="editor")
        db.commit()
        sign_in(client, editor)
        at = f"/company/{shop.companies[0].slug}/invoicing"
        assert client.get(at).status_code == 200
        assert client.post(at, data=self.SAID).status_code == 403

    def test_finds_the_papers_of_its_orders(self, client, desk, shop):
        order = shop.buy()
        shop.refund(order, line=0)
        part, other = get_order(order.id).company_orders
        assert f"{part.number}/papers" in client.get(f"{desk}/orders/{part.number}").text
        page = client.get(f"{desk}/orders/{part.number}/papers").text
        found = links(page, "papers")
        assert len(found) == 2
        assert all(is_pdf(client.get(one)) for one in found)
        assert client.get(f"{desk}/orders/{other.number}/papers").status_code == 404
        stolen = found[0].replace(part.number, other.number)
        assert client.get(stolen).status_code == 404

    def test_finds_none_of_what_was_not_paid(self, client, desk, shop):
        part = shop.place().company_orders[0]
        assert client.get(f"{desk}/orders/{part.number}/papers").status_code == 404

"""Pages of disputes and of a changed choice: receipt, company's order, operator's desk."""

import re

import pytest

from marketplace.checkout import service
from marketplace.core.db import session
from marketplace.ledger.rules import Source
from marketplace.orders.models import DisputeState
from tests import factories
from tests.checkout.purchases import Purchases, broken


@pytest.fixture
def shop(db, provider):
    here = Purchases.begin(db, provider)
    here.messages()
    return here


@pytest.fixture
def disputed(shop):
    """Return a purchase whose payment is disputed, and the dispute's id."""
    order = shop.buy()
    dispute_id = shop.dispute(order)
    shop.hear()
    return order, dispute_id


class TestReceipt:
    def test_says_that_the_payment_is_disputed(self, client, disputed):
        order, _ = disputed
        page = client.get(f"/receipt/{order.token}").text
        assert "Disputed at the bank" in page
        assert "Change where your money goes" not in page
        assert client.get(f"/receipt/{order.token}.json").status_code == 200

    def test_says_how_it_ended(self, client, shop, disputed):
        order, dispute_id = disputed
        shop.provider.decide(dispute_id, "lost")
        shop.hear()
        assert (
            "Your bank took €70.34 of this payment back"
            in client.get(f"/receipt/{order.token}").text
        )

    def test_leads_to_the_choice_while_something_is_pending(self, client, shop):
        order = shop.buy()
        page = client.get(f"/receipt/{order.token}").text
        assert f"/receipt/{order.token}/choice" in page


class TestChoice:
    def test_is_changed_by_a_guest_without_javascript(self, client, shop):
        order = shop.buy()
        other = factories.make_project(title="Water for Tana")
        session.commit()
        at = f"/receipt/{order.token}/choice"
        found = client.get(at, query_string={"q": "tana"}).text
        link = re.search(r'href="[^"]*choice\?(add=[^"]+)"', found)
        page = client.get(f"{at}?{link.group(1)}").text
        names = re.findall(r'name="project" value="([^"]+)"', page)
        assert str(other.id) in names
        fields = dict(re.findall(r'name="((?:pledge|top_up)-[^"]+)"[^>]* value="([^"]*)"', page))
        assert fields[f"pledge-{other.id}"] == "0.00"
        sent = dict.fromkeys(fields, "0")
        sent |= {f"pledge-{other.id}": "3,72", f"top_up-{shop.projects[0].id}": "2.00"}
        answer = client.post(at, data={"project": names, **sent})
        assert answer.status_code == 303
        assert service.pending_of(order.id) == {
            Source.PLEDGE: {other.id: 372},
            Source.TOP_UP: {shop.projects[0].id: 200},
        }
        told = client.get(f"/receipt/{order.token}").text
        assert "You chose anew" in told
        assert "Water for Tana" in told
        assert broken() == []

    @pytest.mark.parametrize(("typed", "says"), [("abc", "is not an amount"), ("9", "add up")])
    def test_keeps_what_was_typed_when_it_is_wrong(self, client, shop, typed, says):
        order = shop.buy(top_up=0)
        springs = shop.projects[0]
        answer = client.post(
            f"/receipt/{order.token}/choice",
            data={"project": [str(springs.id)], f"pledge-{springs.id}": typed},
        )
        assert answer.status_code == 422
        assert says in answer.text
        assert f'value="{typed}"' in answer.text

    def test_cannot_be_changed_while_disputed(self, client, disputed):
        order, _ = disputed
        assert "nothing moves" in client.get(f"/receipt/{order.token}/choice").text

    def test_is_nobodys_without_the_secret(self, client):
        assert client.get("/receipt/wrong/choice").status_code == 404
        assert client.post("/receipt/wrong/choice").status_code == 404


class TestCompany:
    def test_reads_of_it_by_letter_and_answers(self, app, client, shop, disputed, run_jobs):
        order, dispute_id = disputed
        weaver = shop.companies[0]
        user = factories.make_user()
        factories.make_member(weaver, user)
        factories.sign_in(client, user)
        session.commit()
        number = shop.seen(order).company_orders[0].number
        at = f"/company/{weaver.slug}/orders/{number}"
        page = client.get(at).text
        assert "Disputed at the bank" in page
        assert "Give money back" not in page
        app.extensions["post"].letters.clear()
        assert "dispute_mails" in run_jobs()
        assert any(number in letter["Subject"] for letter in app.extensions["post"].letters)
        answer = client.post(f"{at}/dispute/{dispute_id}", data={"body": "Sent, signed for."})
        assert answer.status_code == 303
        assert "Sent, signed for." in client.get(at).text
        assert client.post(f"{at}/dispute/{dispute_id}", data={"body": ""}).status_code == 422

    def test_cannot_answer_for_another(self, client, shop, disputed):
        order, dispute_id = disputed
        stranger = factories.make_company()
        user = factories.make_user()
        factories.make_member(stranger, user)
        factories.sign_in(client, user)
        session.commit()
        number = shop.seen(order).company_orders[0].number
        for slug in (stranger.slug, shop.companies[0].slug):
            at = f"/company/{slug}/orders/{number}/dispute/{dispute_id}"
            assert client.post(at, data={"body": "Mine"}).status_code == 404


class TestOperator:
    def test_sends_everything_to_the_bank_once(self, client, shop, disputed):
        order, dispute_id = disputed
        factories.sign_in(client, factories.make_user(is_operator=True))
        session.commit()
        listed = client.get("/staff/disputes").text
        assert order.number in listed
        at = f"/staff/disputes/{dispute_id}"
        assert "What the bank is told" in client.get(at).text
        assert client.post(f"{at}/note", data={"body": "Parcel 1Z"}).status_code == 303
        assert client.post(f"{at}/evidence").status_code == 303
        assert client.post(f"{at}/evidence").status_code == 409
        shop.run_commands()
        shop.hear()
        found = shop.dispute_of(order)
        assert found.state is DisputeState.UNDER_REVIEW
        assert found.submitted_at is not None
        sent = [one for one in shop.provider.journal() if one.path == f"/v1/disputes/{dispute_id}"]
        told = next(str(one.params) for one in sent if one.method == "POST")
        assert "Parcel 1Z" in told
        assert order.number in told
        assert client.post(f"{at}/note", data={"body": "Late"}).status_code == 409
        assert order.number in client.get(f"/staff/orders/{order.id}").text

    def test_finds_decided_ones_apart(self, client, shop, disputed):
        order, dispute_id = disputed
        shop.provider.decide(dispute_id, "won")
        shop.hear()
        factories.sign_in(client, factories.make_user(is_operator=True))
        session.commit()
        assert order.number not in client.get("/staff/disputes").text
        assert order.number in client.get("/staff/disputes?state=over").text
        assert client.get("/staff/disputes/du_none").status_code == 404

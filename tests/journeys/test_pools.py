"""A sponsor doubles what a guest routes: from the desk to the receipt, and back."""

import re

import pytest

from marketplace.checkout import jobs
from marketplace.ledger.rules import Purpose, Source
from marketplace.orders import queries as orders
from marketplace.proofs.jobs import sequence_log
from marketplace.proofs.verify import check_receipt
from tests import factories
from tests.campaigns.pools import earn
from tests.checkout.purchases import Purchases, broken
from tests.checkout.shopper import Shopper


@pytest.fixture
def here(db, provider):
    return Purchases.begin(db, provider)


class TestAPool:
    def test_is_opened_used_given_back_and_ended(
        self, app, client, here, provider, sign_in, run_jobs
    ):
        sponsor = factories.make_company(name="Rivalta", slug="rivalta")
        owner = factories.make_user()
        factories.make_member(sponsor, owner)
        earn(sponsor, 50_000)
        springs, aurora = (one.id for one in here.projects[:2])

        sign_in(client, owner)
        said = {"title": "Doubled for springs", "ratio": "100", "scope": "projects"}
        days = {"starts_on": "2020-01-01", "ends_on": "2199-12-31"}
        named = {"projects": here.projects[0].slug, "guarantee": "10"}
        client.post("/company/rivalta/pools/new", data=said | days | named)
        desk = "/company/rivalta/pools/doubled-for-springs"
        client.post(f"{desk}/fund", data={"amount": "500", "seen_budget_minor": "0"})

        shopper = Shopper(app.test_client(), "/fr")
        shopper.post("/basket", variant_id=str(here.towels.id), quantity=2)
        shopper.says_address()
        shopper.chooses({here.projects[0]: "3.80", here.projects[1]: "1.00"})
        page = shopper.get("/checkout/payment").text
        assert "Rivalta le double" in page
        answer = shopper.places()
        provider.pay(answer.headers["Location"])
        found = orders.find_by_checkout_key(re.findall(r'checkout_key" value="([^"]+)', page)[0])
        jobs.settle_session(found.checkout_session_id)
        sequence_log()
        told = client.get(f"/receipt/{found.token}.json").json
        assert [one["matched_by_sponsors_minor"] for one in told["projects"]] == [380, 0]
        findings = check_receipt(told, app.config["LOG_SIGNER"].key)
        assert all(one.is_good for one in findings), findings
        assert "€496.20" in client.get("/pools/doubled-for-springs").text

        here.refund(here.seen(found), 0)
        assert here.balance(Purpose.PROJECT_PENDING, springs, Source.MATCH) == 190
        assert "€498.10" in client.get("/pools/doubled-for-springs").text

        client.post(f"{desk}/end", data={"reason": "We move house"})
        assert "We move house" in client.get("/pools/doubled-for-springs").text
        assert here.balance(Purpose.COMPANY_AVAILABLE, sponsor.id) == 49_000
        assert here.balance(Purpose.PROJECT_AVAILABLE, springs, Source.MATCH) == 810
        assert here.balance(Purpose.PROJECT_PENDING, aurora, Source.MATCH) == 0
        here.refund(here.seen(found), 0)
        assert "sweep_pool" in run_jobs()
        assert here.balance(Purpose.PROJECT_AVAILABLE, springs, Source.MATCH) == 1_000
        assert broken() == []

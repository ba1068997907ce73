"""What a company finds to do: each thing that waits, with the page where it is done."""

import pytest
import sqlalchemy as sa

from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.ids import new_id
from marketplace.payouts.models import PayoutAccount
from marketplace.payouts.rules import PayeeKind
from marketplace.questions.models import Question
from marketplace.verification.models import AskedPaper
from marketplace.verification.rules import PaperKind
from tests import factories
from tests.checkout.purchases import Purchases
from tests.reports.making import hand_in, make_draft


@pytest.fixture
def shop(db, provider):
    here = Purchases.begin(db, provider)
    here.messages()
    return here


@pytest.fixture
def company(shop):
    return shop.companies[0]


@pytest.fixture
def member(client, sign_in, company):
    person = factories.make_user()
    factories.make_member(company, person)
    sign_in(client, person)
    return person


@pytest.fixture
def account(db, company):
    row = PayoutAccount(
        id=new_id(),
        payee_kind=PayeeKind.COMPANY,
        payee_id=company.id,
        created_at=clock.now(),
    )
    db.add(row)
    db.commit()
    return row


@pytest.fixture
def page(client, member, company):
    return lambda: client.get(f"/company/{company.slug}").text


class TestToDo:
    def test_asks_first_where_money_shall_go(self, page, company):
        assert "Say where your money goes" in page()
        assert f'href="/company/{company.slug}/receiving"' in page()

    def test_is_empty_when_nothing_waits(self, page, account):
        assert "Nothing waits for you." in page()

    def test_says_what_the_provider_asks_for(self, page, db, account):
        account.requirements = ["external_account", "tos_acceptance.date"]
        db.commit()
        assert "The payment provider asks for 2 things" in page()

    def test_names_parcels_and_what_is_in_them(self, page, shop, account, company):
        order = shop.buy()
        assert f"Send {order.company_orders[0].number}" in page()
        assert order.lines[0].title in page()
        assert order.company_orders[1].number not in page()

    def test_says_until_when_a_dispute_can_be_answered(self, page, shop):
        order = shop.buy()
        number = order.company_orders[0].number
        dispute_id = shop.dispute(order)
        shop.hear()
        assert f"The payment of {number} is disputed" in page()
        assert "The bank takes an answer until" in page()
        shop.provider.decide(dispute_id, "won")
        shop.hear()
        assert "is disputed" not in page()

    def test_counts_what_readers_ask_of_the_company_and_of_its_reports(
        self, page, db, company, account
    ):
        report = make_draft(company).report_id
        for about in ({"company_id": company.id}, {"report_id": report}, {"report_id": report}):
            asker = factories.make_user()
            db.add(Question(**about, asker_id=asker.id, body="Where?", asked_at=factories.NOW))
        db.commit()
        assert "1 question waits for an answer" in page()
        assert "2 questions about your reports wait for an answer" in page()

    def test_counts_papers_that_are_asked_for(self, page, db, company, account):
        for kind in (PaperKind.STATUTES, PaperKind.PERSONS):
            db.add(
                AskedPaper(company_id=company.id, kind=kind, state="asked", asked_at=factories.NOW)
            )
        db.commit()
        assert "2 papers are asked for" in page()

    def test_names_a_report_that_a_second_person_reads(self, page, company, account, member):
        draft = make_draft(company, "Our spring")
        assert "Nothing waits for you." in page()
        hand_in(draft, member)
        assert "Our spring" in page()
        assert "It is read by a second person." in page()

    def test_counts_what_is_shown_and_sold_out(self, page, db, shop, account):
        assert "sold out" not in page()
        db.execute(
            sa.update(Variant).where(Variant.id == shop.towels.id).values(on_hand=Variant.reserved)
        )
        db.commit()
        assert "1 product is sold out" in page()

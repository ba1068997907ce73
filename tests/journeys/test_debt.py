"""A bank takes back what was paid out: the company owes it, and the project keeps it."""

import pytest

from marketplace.checkout import jobs
from marketplace.core.db import session
from marketplace.ledger.rules import Purpose, Source
from tests.checkout.purchases import Purchases, broken


@pytest.fixture
def here(db, provider):
    shop = Purchases.begin(db, provider)
    shop.messages()
    return shop


def paid_out(client, project):
    """Return what a project's page for programs says was paid to it, and the entries there."""
    told = client.get(f"/projects/{project.slug}/money.json").json
    rows = told["entries"]
    return sum(one["amount_minor"] for one in rows if one["kind"] == "payout_settled"), rows


class TestAChargebackAfterThePayouts:
    def test_is_the_company_s_debt_until_its_next_sale(self, client, here):
        springs = here.projects[0]
        weaver, roaster = here.companies
        order = here.buy(top_up=0)
        here.send(order)
        here.release(order)
        for project in here.projects:
            here.pay_out(project.id, source=Source.PLEDGE)
        for company in here.companies:
            here.pay_out(company.id)
        before, entries = paid_out(client, springs)
        assert before == 186
        assert "adjusted" not in {one["kind"] for one in entries}

        dispute = here.dispute(order)
        here.hear()
        here.provider.decide(dispute, "lost")
        here.hear()
        assert broken() == []
        debts = [here.balance(Purpose.COMPANY_RECEIVABLE, one.id) for one in here.companies]
        assert all(debt < 0 for debt in debts)

        after, entries = paid_out(client, springs)
        assert after == before
        adjusted = [one for one in entries if one["kind"] == "adjusted"]
        assert sum(one["amount_minor"] for one in adjusted) == 186
        assert {one["changes_owed_by_minor"] for one in adjusted} == {0}
        assert {one["given_by"] for one in adjusted} <= {"Arbosca", "Calmiera"}
        page = client.get(f"/projects/{springs.slug}/money").text
        assert "the project keeps it" in page
        only = client.get(f"/projects/{springs.slug}/money.json?kind=adjusted").json
        assert [one["number"] for one in only["entries"]] == [one["number"] for one in adjusted]

        here.towels, here.beans = (session.merge(one) for one in (here.towels, here.beans))
        here.projects = [session.merge(one) for one in here.projects]
        here.companies = [session.merge(one) for one in here.companies]
        # The next sales bring each company what it owes first.
        for _ in range(2):
            following = here.buy(top_up=0)
            here.send(following)
            here.release(following)
        assert [here.balance(Purpose.COMPANY_RECEIVABLE, one.id) for one in here.companies] == [
            0,
            0,
        ]
        assert here.balance(Purpose.COMPANY_AVAILABLE, weaver.id) > 0
        assert here.balance(Purpose.COMPANY_AVAILABLE, roaster.id) > 0
        assert paid_out(client, springs)[0] == before
        session.rollback()
        jobs.ask_for_disputes()
        assert paid_out(client, springs)[0] == before
        assert broken() == []

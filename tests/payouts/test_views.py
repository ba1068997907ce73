"""Receiving money on both desks, with the real SDK against the double of the provider."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine

from marketplace.accounts.models import AuditEntry, MemberRole
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.ledger.rules import Source
from marketplace.payouts import jobs, queries, service
from marketplace.payouts.models import (
    AccountStanding,
    PayeeKind,
    Payout,
    PayoutAccount,
    PayoutState,
)
from tests import factories
from tests.accounts.people import make_person
from tests.factories import PASSWORD
from tests.payouts.conftest import add_member, connect, give

PROVED = {"current_password": PASSWORD}


def onboard(provider, answer, *, number="FR7630006000011234563000"):
    """Answer the provider's questions as an owner does; return where it leads back to."""
    browser = provider.double.test_client()
    page = browser.get(urlsplit(answer.location).path)
    assert page.status_code == 200, page.text
    sent = {"name": "Arbosca", "account_number": number, "business_type": "company"}
    return browser.post(urlsplit(answer.location).path, data=sent).location


@pytest.fixture
def connected(client, sign_in, owner, team, desk, provider):
    """Connect an account through the pages; return it."""
    sign_in(client, owner)
    back = onboard(provider, client.post(f"{desk}/receiving", data=PROVED))
    client.get(urlsplit(back).path)
    return queries.find_current(team.id)


class TestReceiving:
    def test_is_for_owners_only(self, client, sign_in, team, desk, second):
        add_member(team, second, MemberRole.EDITOR)
        sign_in(client, second)
        assert client.get(f"{desk}/receiving").status_code == 403
        for path in ("receiving", "receiving/schedule", "receiving/pay-out"):
            assert client.post(f"{desk}/{path}", data=PROVED).status_code == 403
        sign_in(client, make_person())
        assert client.get(f"{desk}/receiving").status_code == 404

    def test_says_what_waits_for_those_without_an_account(self, client, sign_in, owner, team, desk):
        give(team, 24000)
        sign_in(client, owner)
        page = client.get(f"{desk}/receiving").text
        assert "waits until you say where it goes" in page
        assert "240.00" in page

    def test_wants_the_password(self, client, sign_in, owner, team, desk, provider):
        sign_in(client, owner)
        wrong = client.post(f"{desk}/receiving", data={"current_password": "guess"})
        assert wrong.status_code == 422
        assert "This is not your password." in wrong.text
        assert queries.find_current(team.id) is None

    def test_connects_an_account_at_the_provider(self, client, connected, desk, team, db):
        assert connected.can_be_paid
        assert connected.bank_last4 == "3000"
        page = client.get(f"{desk}/receiving").text
        assert "bank account ending in 3000" in page
        assert "Verified" in page
        actions = db.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["payouts.account_opened", "payouts.account_verified"]

    def test_says_in_plain_words_what_is_asked_for(
        self, client, sign_in, owner, team, desk, provider
    ):
        give(team, 700)
        sign_in(client, owner)
        client.post(f"{desk}/receiving", data=PROVED)
        client.get(f"{desk}/receiving/back")
        page = client.get(f"{desk}/receiving").text
        assert "waits until the payment provider has verified you" in page
        assert "The bank account to which the money goes" in page
        assert "external_account" not in page

    def test_asks_once_for_one_account(self, client, sign_in, owner, team, desk, provider, db):
        sign_in(client, owner)
        client.post(f"{desk}/receiving", data=PROVED)
        account = queries.find_current(team.id)
        answer = client.post(f"{desk}/receiving/accounts/{account.id}/continue")
        assert answer.status_code == 303
        assert f"/onboard/{account.provider_account_id}/" in answer.location
        assert db.scalar(sa.select(sa.func.count()).select_from(PayoutAccount)) == 1

    def test_takes_somebody_back_whose_page_was_too_old(self, client, connected, desk):
        answer = client.get(f"{desk}/receiving/again", follow_redirects=True)
        assert "open for too long" in answer.text

    def test_follows_the_messages_of_the_provider(
        self, client, sign_in, owner, team, desk, provider
    ):
        sign_in(client, owner)
        onboard(provider, client.post(f"{desk}/receiving", data=PROVED))
        assert not queries.find_current(team.id).can_be_paid
        assert set(provider.deliver()) == {200}
        assert queries.find_current(team.id).can_be_paid

    def test_does_not_touch_accounts_of_others(self, client, sign_in, owner, team, desk, db):
        stranger = factories.make_company()
        other = PayoutAccount(
            payee_id=stranger.id, payee_kind="company", standing=AccountStanding.CURRENT,
            provider_account_id="acct_other", requirements=[], created_at=clock.now(),
        )  # fmt: skip
        db.add(other)
        db.commit()
        sign_in(client, owner)
        for what in ("continue", "confirm", "withdraw"):
            path = f"{desk}/receiving/accounts/{other.id}/{what}"
            assert client.post(path, data=PROVED).status_code == 404


class TestChange:
    def propose(self, client, desk, provider, **more):
        answer = client.post(f"{desk}/receiving", data=PROVED | more)
        client.get(urlsplit(onboard(provider, answer, number="DE8937040044053201304711")).path)

    def test_waits_for_another_owner_and_two_days(
        self, client, sign_in, team, desk, provider, connected, second, run_jobs, letters
    ):
        add_member(team, second)
        self.propose(client, desk, provider)
        proposed = queries.find_proposed(team.id)
        run_jobs()
        subjects = [(letter["To"], letter["Subject"]) for letter in letters]
        assert {to for to, _ in subjects} == {"olga@example.org", "sam@example.org"}
        assert subjects[0][1] == "Another account was asked for to receive the money of Arbosca"
        confirm = f"{desk}/receiving/accounts/{proposed.id}/confirm"
        assert client.post(confirm, data=PROVED).status_code == 403
        sign_in(client, second)
        assert "bank account ending in 4711" in client.get(f"{desk}/receiving").text
        assert client.post(confirm, data=PROVED).status_code == 303
        assert client.post(confirm, data=PROVED).status_code == 409
        jobs.decide_payouts()
        assert queries.find_current(team.id).id == connected.id
        with time_machine.travel(clock.now() + timedelta(hours=48, minutes=1), tick=False):
            jobs.decide_payouts()
        assert queries.find_current(team.id).id == proposed.id
        assert queries.find_proposed(team.id) is None

    def test_can_be_withdrawn(self, client, team, desk, provider, connected):
        self.propose(client, desk, provider)
        proposed = queries.find_proposed(team.id)
        path = f"{desk}/receiving/accounts/{proposed.id}/withdraw"
        assert client.post(path).status_code == 303
        assert queries.find_proposed(team.id) is None
        assert queries.find_current(team.id).id == connected.id
        assert client.post(path).status_code == 404

    def test_stops_everything_if_the_present_one_is_compromised(
        self, client, team, desk, provider, connected
    ):
        give(team, 5000)
        self.propose(client, desk, provider, is_compromised="1")
        page = client.get(f"{desk}/receiving").text
        assert "may be in wrong hands" in page
        answer = client.post(f"{desk}/receiving/pay-out", follow_redirects=True)
        assert "Nothing can be paid out at the moment" in answer.text

    def test_is_for_an_operator_where_there_is_no_second_owner(
        self, client, sign_in, team, desk, provider, connected
    ):
        self.propose(client, desk, provider)
        proposed = queries.find_proposed(team.id)
        operator = make_person(is_operator=True, name="Otto Operator")
        sign_in(client, operator)
        assert "Arbosca" in client.get("/staff/payouts").text
        path = f"/staff/payouts/accounts/{proposed.id}/confirm"
        assert client.post(path, data={"reason": ""}).status_code == 422
        assert client.post(path, data={"reason": "called Olga"}).status_code == 303
        assert queries.find_proposed(team.id).confirmed_by_id == operator.id

    def test_is_not_for_an_operator_where_there_is_a_second_owner(
        self, client, sign_in, team, desk, provider, connected, second
    ):
        add_member(team, second)
        self.propose(client, desk, provider)
        proposed = queries.find_proposed(team.id)
        sign_in(client, make_person(is_operator=True))
        path = f"/staff/payouts/accounts/{proposed.id}/confirm"
        assert client.post(path, data={"reason": "hurry"}).status_code == 403


class TestSchedule:
    def test_is_kept(self, client, sign_in, owner, team, desk):
        sign_in(client, owner)
        page = client.get(f"{desk}/receiving").text
        assert re.search(r'value="monthly"[^>]* checked', page)
        assert (
            client.post(f"{desk}/receiving/schedule", data={"schedule": "weekly"}).status_code
            == 303
        )
        assert re.search(r'value="weekly"[^>]* checked', client.get(f"{desk}/receiving").text)
        wrong = client.post(f"{desk}/receiving/schedule", data={"schedule": "hourly"})
        assert wrong.status_code == 422


class TestPayout:
    def test_on_demand_goes_out_and_can_be_opened(
        self, client, team, desk, provider, connected, run_jobs, db
    ):
        provider_has_money(provider)
        give(team, 5000)
        answer = client.post(f"{desk}/receiving/pay-out", follow_redirects=True)
        assert "The payout is on its way." in answer.text
        run_jobs()
        payout = db.scalars(sa.select(Payout)).one()
        assert payout.state is PayoutState.PAID
        page = client.get(f"{desk}/payouts/{payout.number}")
        assert "50.00" in page.text
        assert payout.provider_id in page.text
        assert "written at the same moment" not in page.text
        assert client.get(f"{desk}/payouts/{payout.number + 1}").status_code == 404


def provider_has_money(provider):
    """Let the provider hold something for us."""
    answer = provider.double.test_client().post(
        "/v1/payment_intents",
        data={
            "amount": "1000000", "currency": "eur", "confirm": "true",
            "payment_method": "pm_card_bypassPending", "return_url": "http://localhost/",
        },
        headers={"Authorization": "Bearer sk_test_sandbox"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text


class TestStatement:
    def test_adds_up_as_page_and_file(self, client, sign_in, owner, team, desk):
        now = clock.now()
        month = (now.replace(day=1) - timedelta(days=1)).replace(day=10)
        give(team, 1234, at=month.replace(day=1) - timedelta(days=3))
        give(team, 2500, at=month)
        give(team, 99, at=month, source=Source.TOP_UP)
        sign_in(client, owner)
        at = f"{desk}/statements/{month:%Y-%m}"
        page = client.get(at)
        assert page.status_code == 200
        for figure in ("12.34", "25.99", "38.33"):
            assert figure in page.text
        rows = list(csv.reader(io.StringIO(client.get(f"{at}.csv").text)))
        assert rows[1][5:] == ["0.00", "12.34", "EUR"]
        assert [row[5] for row in rows[2:-1]] == ["25.00", "0.99"]
        assert rows[-1][6] == "38.33"
        document = client.get(f"{at}.pdf")
        assert document.data.startswith(b"%PDF")
        assert client.get(f"{at}.pdf").data == document.data

    def test_is_not_there_for_months_without_money(self, client, sign_in, owner, team, desk):
        sign_in(client, owner)
        for month in ("2026-01", "2026-13", "soon", "9999-12"):
            assert client.get(f"{desk}/statements/{month}").status_code == 404


class TestOperators:
    @pytest.fixture
    def payout(self, team):
        give(team, 300_000)
        connect(team)
        with atomic():
            return service.command(
                payee_kind=PayeeKind(team.kind),
                payee_id=team.id,
                currency="EUR",
                minimum_minor=1,
                now=clock.now(),
                run=jobs.terms().run(),
            )

    def test_agree_one_after_the_other(self, client, sign_in, payout, db):
        first, other = (make_person(is_operator=True) for _ in range(2))
        path = f"/staff/payouts/{payout.id}/approve"
        sign_in(client, first)
        assert "3,000.00" in client.get("/staff/payouts").text
        assert client.post(path).status_code == 303
        assert client.post(path).status_code == 403
        sign_in(client, other)
        assert client.post(path).status_code == 303
        assert client.post(path).status_code == 409
        assert db.get(Payout, payout.id, populate_existing=True).state is PayoutState.COMMANDED

    def test_refuse_with_a_reason(self, client, sign_in, payout, team, db):
        sign_in(client, make_person(is_operator=True))
        path = f"/staff/payouts/{payout.id}/refuse"
        assert client.post(path, data={"reason": ""}).status_code == 422
        assert client.post(path, data={"reason": "who is this?"}).status_code == 303
        assert queries.on_accounts(team.id, "EUR").available_minor == 300_000
        assert queries.on_accounts(team.id, "EUR").in_flight_minor == 0

"""The operator's desk over a real order, and closed to everybody else."""

import re

import pytest

from marketplace.people.queries import Team
from marketplace.people.rules import TeamKind
from tests import factories
from tests.journeys.purchase import pay, place
from tests.verification.making import check

PAGES = (
    "/staff",
    "/staff/companies",
    "/staff/projects",
    "/staff/projects?state=open",
    "/staff/orders",
    "/staff/ledger",
    "/staff/commands",
)


class TestDesk:
    @pytest.mark.parametrize("page", PAGES)
    def test_is_closed_to_everybody_else(self, client, sign_in, page):
        assert client.get(page).status_code == 303
        sign_in(client, factories.make_user())
        assert client.get(page).status_code == 403

    def test_shows_an_order_down_to_its_transfers(self, client, sign_in, shop, provider):
        order = pay(place(shop), provider)
        sign_in(client, factories.make_user(is_operator=True))
        for page in PAGES:
            assert client.get(page).status_code == 200, page
        text = client.get(f"/staff/orders/{order.id}").text
        assert "Company, pending" in text
        assert "€32.70" in text
        ledger = client.get("/staff/ledger").text
        assert "€0.00" in ledger

    def test_refunds_by_line_and_whole(self, client, db, sign_in, shop, provider, run_jobs):
        order = pay(place(shop), provider)
        sign_in(client, factories.make_user(is_operator=True))
        beans = order.lines[1]
        answer = client.post(
            f"/staff/orders/{order.id}/refund",
            data={f"line-{beans.id}": "1", "reason": "One bag was torn"},
        )
        assert answer.status_code == 303
        run_jobs()
        answer = client.post(
            f"/staff/orders/{order.id}/refund", data={"what": "all", "reason": "Everything"}
        )
        assert answer.status_code == 303
        run_jobs()
        page = client.get(f"/staff/orders/{order.id}").text
        assert "One bag was torn" in page
        assert "Give everything back" not in page

    def test_verifies_with_a_reason_that_is_kept(self, client, db, sign_in):
        company = factories.make_company(state="draft", verified_at=None)
        sign_in(client, factories.make_user(is_operator=True))
        address = f"/staff/companies/{company.slug}/verification/decision"
        assert client.post(address, data={"reason": " "}).status_code == 422
        assert client.post(address, data={"reason": "Unchecked"}).status_code == 409
        check(Team(TeamKind.COMPANY, company.id, company.slug, company.name))
        assert client.post(address, data={"reason": "Papers read"}).status_code == 303
        for status in (303, 409):
            answer = client.post(f"/staff/companies/{company.slug}/suspend", data={"reason": "x"})
            assert answer.status_code == status

    def test_verifies_suspends_and_closes_projects(self, client, db, sign_in):
        project = factories.make_project(state="proposed", verified_at=None)
        sign_in(client, factories.make_user(is_operator=True))
        address = f"/staff/projects/{project.slug}"
        assert (
            client.post(f"{address}/verification/decision", data={"reason": ""}).status_code == 422
        )
        assert client.post(f"{address}/praise", data={"reason": "x"}).status_code == 404
        check(Team(TeamKind.PROJECT, project.id, project.slug, project.title))
        for how in ("verification/decision", "suspend", "close"):
            answer = client.post(f"{address}/{how}", data={"reason": "Papers read"})
            assert answer.status_code == 303, how
        assert client.post(f"{address}/close", data={"reason": "Again"}).status_code == 409

    def test_finds_an_order_by_its_number(self, client, sign_in, shop, provider):
        order = pay(place(shop), provider)
        sign_in(client, factories.make_user(is_operator=True))
        assert order.number in client.get(f"/staff/orders?number={order.number.lower()}").text
        assert order.number not in client.get("/staff/orders?number=CW-1").text
        assert client.get("/staff/orders?after=nonsense").status_code == 200

    def test_opens_an_account_down_to_its_entries(self, client, sign_in, shop, provider):
        pay(place(shop), provider)
        sign_in(client, factories.make_user(is_operator=True))
        found = re.search(r"/staff/ledger/(\d+)", client.get("/staff/ledger").text)
        assert "payment" in client.get(f"/staff/ledger/{found[1]}?after=x").text
        assert client.get("/staff/ledger/999999999").status_code == 404

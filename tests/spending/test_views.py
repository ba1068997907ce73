"""Receipts in the browser and for programs."""

from io import BytesIO

import pytest

from marketplace.projects.models import Spending
from marketplace.spending import queries
from tests import factories
from tests.spending.conftest import PDF, picture
from tests.statements import statements

NOBODY = "0199e000-0000-7000-8000-000000000000"


@pytest.fixture
def desk(client, project, owner, sign_in):
    sign_in(client, owner)
    return f"/project-desk/{project.slug}/spending"


def said(**more):
    return {
        "amount": "686.00",
        "spent_on": "2026-03-01",
        "payee": "Riwa Hardware",
        "purpose": "Forty-two bags",
        "receipt": (BytesIO(PDF), "r.pdf"),
    } | more


class TestPublicPage:
    def test_shows_corrections_and_what_was_paid_in_another_currency(self, client, desk, project):
        foreign = {"amount": "102,900.00", "currency": "kes", "rate": "150"}
        answer = client.post(f"{desk}/new", data=said(**foreign, rate_source="Bank slip"))
        assert answer.status_code == 303
        page = client.get(f"/projects/{project.slug}/spending").text
        assert 'value="686.00"' in page
        assert "at 150 to one EUR" in page
        assert "Bank slip" in page

    def test_goes_on_by_key_in_few_statements(self, client, project, spend, engine):
        for minor in range(1, 33):
            spend(minor)
        with statements(engine) as asked:
            page = client.get(f"/projects/{project.slug}/spending").text
        assert len(asked) <= 8
        assert page.count("/media/") == queries.PER_PAGE
        onward = page.split('rel="next"')[0].rpartition('href="')[2].split('"')[0]
        assert client.get(onward).text.count("/media/") == 2
        assert client.get(f"/projects/{project.slug}/spending?after=x").status_code == 200

    def test_is_there_for_programs(self, client, desk, project, spend):
        spend(450, corrects=spend(500), note="Read wrong")
        client.post(
            f"{desk}/new",
            data=said(amount="150", currency="KES", rate="150.50", rate_source="Bank"),
        )
        told = client.get(f"/api/v1/projects/{project.slug}/spending").json
        by_amount = {item["amount_minor"]: item for item in told["items"]}
        assert not by_amount[500]["counts"]
        assert by_amount[450]["corrects"] == by_amount[500]["id"]
        assert by_amount[100]["paid"]["rate"] == "150.5"
        assert by_amount[100]["receipt_url"].endswith(".pdf")


class TestDesk:
    def test_is_for_the_projects_people_only(self, client, project, sign_in, spend):
        made = spend(500)
        sign_in(client, factories.make_user())
        for end in ("", "/new", "/import", "/template.csv", f"/{made.id}"):
            assert client.get(f"/project-desk/{project.slug}/spending{end}").status_code == 404
        assert client.get("/media/x").status_code == 404

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"amount": "much"}, "Write an amount like"),
            ({"amount": "0"}, "Write an amount like"),
            ({"amount": "-1"}, "Write an amount like"),
            ({"currency": "QQQ"}, "no such currency"),
            ({"currency": "KES"}, "needs a rate"),
            ({"currency": "KES", "rate": "150"}, "Say where the rate is from"),
            ({"currency": "KES", "rate": "1", "rate_source": "x", "rate_on": "x"}, "Write the day"),
            ({"currency": "KES", "rate": "1000000", "rate_source": "x"}, "nothing is left"),
            ({"spent_on": "2199-01-01"}, "This day has not come yet"),
            ({"spent_on": ""}, "Write the day"),
            ({"payee": ""}, "Please fill this in"),
            ({"budget_line": "x"}, "Choose a line of the budget"),
            ({"budget_line": NOBODY}, "Choose a line of this project"),
            ({"receipt": (BytesIO(), "")}, "Add the receipt"),
            ({"receipt": (BytesIO(b"x"), "x.png")}, "not a picture"),
            ({"receipt": (BytesIO(PDF.replace(b"/Type", b"/AA /T")), "x.pdf")}, "runs or opens"),
        ],
    )
    def test_brings_a_receipt_back_with_what_is_wrong(self, client, desk, db, wrong, says):
        answer = client.post(f"{desk}/new", data=said(**wrong))
        assert answer.status_code == 422
        assert says in answer.text
        assert "Forty-two bags" in answer.text
        assert db.query(Spending).count() == 0

    def test_corrects_with_a_reason_and_keeps_the_receipt(self, client, desk, spend, project):
        made = spend(68_600)
        address = f"{desk}/{made.id}"
        assert 'value="686.00"' in client.get(address).text
        without = said(amount="600")
        without.pop("receipt")
        answer = client.post(address, data=without)
        assert answer.status_code == 422
        assert "Say why it is corrected" in answer.text
        assert client.post(address, data=without | {"note": "Read wrong"}).status_code == 303
        page = client.get(f"/projects/{project.slug}/spending").text
        assert "Read wrong" in page
        assert "does not count any more" in page
        again = client.post(address, data=without | {"note": "Again"})
        assert again.status_code == 422
        assert "has a correction already" in again.text

    def test_may_take_a_receipt_back(self, client, desk, spend, project):
        made = spend(500)
        client.post(f"{desk}/{made.id}", data=said(amount="0", note="Not ours"))
        assert "Taken back" in client.get(f"/projects/{project.slug}/spending").text

    def test_does_not_correct_for_others(self, client, desk):
        assert client.get(f"{desk}/{NOBODY}").status_code == 404


CSV = """date;amount;paid to;for;receipt
2026-03-01;12,50;Riwa;Cement;a.png
01.03.2026;2,00;Shop;Tea;
soon;1,00;Shop;Tea;
2026-03-01;1,00;Shop;Tea;;;too;many
"""


def table(text=CSV, **more):
    return {"file": (BytesIO(text.encode()), "book.csv")} | more


class TestImport:
    def test_says_line_and_reason_of_each_refused_row(self, client, desk, db):
        answer = client.post(f"{desk}/import", data=table(receipts=(picture(), "a.png")))
        assert answer.status_code == 200
        assert "2 new, 0 changed, 0 unchanged, 2 refused" in answer.text
        assert '<th scope="row">4</th>' in answer.text
        assert "soon" in answer.text
        assert db.query(Spending).count() == 1
        answer = client.post(f"{desk}/import", data=table(receipts=(picture(), "a.png")))
        assert "0 new, 0 changed, 2 unchanged, 2 refused" in answer.text
        assert db.query(Spending).count() == 1

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({}, "Choose a file first"),
            (table("hello"), "not a table"),
            (table("date,amount\n1,2\n"), "These columns are missing: paid to, for."),
            (table(receipts=(BytesIO(b"x"), "bad.png")), "bad.png: This is not a picture"),
            (table(receipts=[(BytesIO(b"x"), "a.png")] * 41), "At most 40 receipts"),
            (table("date,amount,paid to,for\n" + "2026-03-01,1,a,b\n" * 2001), "At most 2000 rows"),
        ],
    )
    def test_refuses_a_file_as_a_whole(self, client, desk, db, given, says):
        answer = client.post(f"{desk}/import", data=given)
        assert answer.status_code == 422
        assert says in answer.text
        assert db.query(Spending).count() == 0

    def test_shows_how_a_table_looks(self, client, desk):
        assert "paid to" in client.get(f"{desk}/import").text
        assert client.get(f"{desk}/template.csv").text.startswith("date,amount,currency,rate")

    def test_lets_receipts_come_later(self, client, desk, project, db):
        client.post(f"{desk}/import", data=table())
        first, second = queries.list_drafts(project.id)
        assert "Wait for their receipt" in client.get(desk).text
        address = f"{desk}/waiting/{first.id}"
        assert client.post(address).status_code == 422
        assert client.post(address, data={"receipt": (BytesIO(b"x"), "x.png")}).status_code == 422
        assert client.post(address, data={"receipt": (picture(), "x.png")}).status_code == 303
        assert client.post(address, data={"receipt": (picture(), "x.png")}).status_code == 404
        client.post(f"{desk}/waiting/{second.id}", data={"how": "dismiss"})
        assert "Wait for their receipt" not in client.get(desk).text
        assert db.query(Spending).count() == 1

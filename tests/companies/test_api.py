"""Companies for programs."""

from marketplace.companies.models import CompanyState
from marketplace.core import clock
from marketplace.verification import service as verification
from marketplace.verification.rules import ends_on
from tests import factories
from tests.verification.making import check, team_of

API = "/api/v1"


class TestCompanies:
    def test_are_those_that_may_sell_by_name(self, client, db):
        for name in ("Bora", "Arbosca"):
            factories.make_company(name=name)
        factories.make_company(name="Draft", state=CompanyState.DRAFT, verified_at=None)
        db.commit()
        page = client.get(f"{API}/companies").json
        assert [item["name"] for item in page["items"]] == ["Arbosca", "Bora"]
        assert page["next"] is None

    def test_go_on_by_key(self, client, db):
        for number in range(30):
            factories.make_company(name=f"Company {number:02}")
        db.commit()
        first = client.get(f"{API}/companies").json
        second = client.get(first["next"].removeprefix("http://localhost")).json
        names = [item["name"] for item in first["items"] + second["items"]]
        assert names == [f"Company {number:02}" for number in range(30)]

    def test_survive_a_cursor_with_half_a_character(self, client, db):
        cursor = "WyJcdWQ4MDAiLCAiMDAwMDAwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0"
        assert client.get(f"{API}/companies?after={cursor}").status_code == 200
        assert client.get(f"/companies?after={cursor}").status_code == 200


class TestVerification:
    def test_stands_in_lists_and_alone(self, client, db):
        company = factories.make_company(slug="arbosca")
        factories.make_company(slug="bora")
        now = clock.now()
        check(team_of(company), now=now)
        operator = factories.make_user()
        verification.decide(team=team_of(company), reason="x", operator=operator, now=now)
        db.commit()
        items = {one["slug"]: one for one in client.get(f"{API}/companies").json["items"]}
        assert items["bora"]["verification"] is None
        assert client.get(f"{API}/companies/bora").json["verification"] is None
        told = items["arbosca"]["verification"]
        assert told == client.get(f"{API}/companies/arbosca").json["verification"]
        assert told["valid_until"] == ends_on(now.date()).isoformat()
        assert [one["step"] for one in told["checks"]] == ["persons", "sanctions"]


class TestCompany:
    def test_says_its_promise_its_people_and_what_it_gave(self, client, db):
        company = factories.make_company(
            name="Arbosca",
            slug="arbosca",
            about="We *weave*.",
            pledge_bp=None,
            pledge_unit_minor=66,
        )
        factories.make_member(company, factories.make_user(name="Ada"), title="Weaver")
        db.commit()
        found = client.get(f"{API}/companies/arbosca").json
        assert found["pledge"] == {"share_bp": None, "unit_minor": 66}
        assert found["pledge_sentence"] in client.get("/companies/arbosca").text
        assert found["people"] == [{"name": "Ada", "title": "Weaver"}]
        assert "<em>weave</em>" in found["about_html"]
        assert found["totals"] == {
            "pending_minor": 0, "confirmed_minor": 0, "given_minor": 0, "projects": 0
        }  # fmt: skip

    def test_that_may_not_sell_is_not_there(self, client, db):
        factories.make_company(slug="draft", state=CompanyState.SUSPENDED)
        db.commit()
        assert client.get(f"{API}/companies/draft").status_code == 404

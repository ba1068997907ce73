import pytest

from marketplace.companies.models import CompanyState
from marketplace.core import clock
from marketplace.core.web.texts import long_date
from tests.factories import make_company, make_member, make_product, make_user
from tests.statements import statements
from tests.verification.making import check, team_of


class TestCompanies:
    @pytest.mark.parametrize("count", [3, 60])
    def test_asks_one_statement(self, client, engine, count):
        for _ in range(count):
            make_company()
        client.get("/companies")
        with statements(engine) as asked:
            answer = client.get("/companies")
        assert len(asked) == 1
        assert answer.text.count('class="pcard"') == min(count, 24)

    def test_says_what_each_promises(self, client):
        make_company(name="Arbosca")
        make_company(name="Kerguen", pledge_bp=None, pledge_unit_minor=500)
        page = client.get("/companies").text
        assert "Arbosca gives 8% of the price excluding VAT." in page
        assert "Kerguen gives €5.00 per item." in page

    def test_says_what_to_do_where_there_is_none(self, client):
        assert "Meet the projects" in client.get("/companies").text

    def test_starts_anew_where_the_cursor_is_nonsense(self, client):
        make_company(name="Arbosca")
        assert "Arbosca" in client.get("/companies?after=nonsense").text


class TestCompany:
    @pytest.mark.parametrize("count", [3, 60])
    def test_asks_the_same_number_of_statements(self, client, engine, count):
        company = make_company()
        for _ in range(count):
            make_product(company)
        client.get(f"/companies/{company.slug}")
        with statements(engine) as asked:
            client.get(f"/companies/{company.slug}")
        assert len(asked) == 8

    def test_names_people_promise_and_products(self, client):
        company = make_company(name="Arbosca", about="We *weave*.")
        make_member(company, make_user(name="Marta Bonino"), title="Managing partner")
        make_product(company, title="Linen towels")
        page = client.get(f"/companies/{company.slug}").text
        assert "Marta Bonino" in page
        assert "<em>weave</em>" in page
        assert "Linen towels" in page
        assert "Arbosca gives 8% of the price excluding VAT." in page

    def test_is_not_found_before_it_was_verified(self, client):
        slug = make_company(state=CompanyState.DRAFT).slug
        for page in (f"/companies/{slug}", f"/companies/{slug}/money"):
            assert client.get(page).status_code == 404

    def test_says_since_when_it_is_suspended_and_stays_readable(self, app, client, sign_in):
        """Fails if what a company gave and reported goes away with its right to sell."""
        company = make_company(name="Arbosca")
        product = make_product(company, title="Linen towels")
        sign_in(client, make_user(is_operator=True))
        said = {"reason": "No answer to six complaints"}
        client.post(f"/staff/companies/{company.slug}/suspend", data=said)
        visitor = app.test_client()
        page = visitor.get(f"/companies/{company.slug}").text
        assert f"Suspended since {long_date(clock.now())}." in page
        assert "What it promised" in page
        assert "Linen towels" not in page
        for part in ("money", "money.json", "money.csv"):
            assert visitor.get(f"/companies/{company.slug}/{part}").status_code == 200
        assert visitor.get(f"/products/{product.slug}").status_code == 404
        variant = str(product.variants[0].id)
        visitor.post("/basket", data={"variant_id": variant, "quantity": 1})
        assert "Linen towels" not in visitor.get("/basket").text
        check(team_of(company))
        client.post(f"/staff/companies/{company.slug}/verification/decision", data=said)
        page = visitor.get(f"/companies/{company.slug}").text
        assert "Suspended" not in page
        assert "Linen towels" in page

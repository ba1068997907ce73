import pytest

from marketplace.companies.models import CompanyState
from tests.factories import make_company, make_member, make_product, make_user
from tests.statements import statements


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
        assert len(asked) == 7

    def test_names_people_promise_and_products(self, client):
        company = make_company(name="Arbosca", about="We *weave*.")
        make_member(company, make_user(name="Marta Bonino"), title="Managing partner")
        make_product(company, title="Linen towels")
        page = client.get(f"/companies/{company.slug}").text
        assert "Marta Bonino" in page
        assert "<em>weave</em>" in page
        assert "Linen towels" in page
        assert "Arbosca gives 8% of the price excluding VAT." in page

    @pytest.mark.parametrize("state", [CompanyState.DRAFT, CompanyState.SUSPENDED])
    def test_is_not_found_unless_it_may_sell(self, client, state):
        assert client.get(f"/companies/{make_company(state=state).slug}").status_code == 404

import xml.etree.ElementTree as ET

import pytest

from marketplace.catalog.models import ProductState
from marketplace.companies.models import CompanyState
from marketplace.projects.models import ProjectState
from tests.factories import make_company, make_owner, make_product, make_project, make_user
from tests.statements import statements

PAGES = ["/", "/how-it-works", "/ledger", "/legal", "/privacy", "/accessibility"]
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.mark.parametrize("page", PAGES)
class TestPlainPage:
    def test_answers_in_an_empty_shop(self, client, page):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<h1" in answer.text

    @pytest.mark.parametrize("language", ["fr", "it"])
    def test_answers_in_each_language(self, client, page, language):
        answer = client.get(f"/{language}{page}")
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text


def fill(count):
    company = make_company()
    for _ in range(count):
        make_product(company)
        make_owner(make_project())


class TestHome:
    @pytest.mark.parametrize("count", [3, 60])
    def test_asks_the_same_number_of_statements_however_much_there_is(self, client, engine, count):
        fill(count)
        client.get("/")
        with statements(engine) as asked:
            client.get("/")
        assert len(asked) == 6

    def test_shows_four_products_and_four_projects(self, client):
        fill(6)
        page = client.get("/").text
        assert page.count('class="card"') == 4
        assert page.count('class="pcard') >= 4
        assert "Browse 6 products" in page

    def test_names_the_person_who_answers_for_the_first_project(self, client):
        make_owner(make_project(), make_user(name="Achieng Odera"), title="Treasurer")
        page = client.get("/").text
        assert "Achieng Odera" in page
        assert "Treasurer" in page

    def test_hides_projects_that_cannot_be_chosen(self, client):
        make_project(title="Suspended one", state=ProjectState.SUSPENDED)
        make_project(title="Unverified one", verified_at=None)
        page = client.get("/").text
        assert "Suspended one" not in page
        assert "Unverified one" not in page


class TestLedger:
    def test_asks_three_statements(self, client, engine):
        client.get("/ledger")
        with statements(engine) as asked:
            client.get("/ledger")
        assert len(asked) == 3


class TestRobots:
    def test_names_the_sitemap_and_keeps_out_of_what_is_private(self, client):
        text = client.get("/robots.txt").text
        assert "Sitemap: http://localhost/sitemap.xml" in text
        assert "Disallow: /checkout" in text
        assert "Disallow: /\n" not in text


class TestSitemap:
    def test_lists_the_languages(self, client):
        root = ET.fromstring(client.get("/sitemap.xml", buffered=True).text)
        assert [one.text for one in root.iter(LOC)] == [
            f"http://localhost/{code}/sitemap.xml" for code in ("en", "fr", "it")
        ]

    def test_lists_what_is_public_in_one_language(self, client, monkeypatch):
        monkeypatch.setattr("marketplace.pages.queries.SITEMAP_BATCH", 2)
        products = [make_product() for _ in range(5)]
        hidden = [
            make_product(state=ProductState.DRAFT),
            make_product(make_company(state=CompanyState.SUSPENDED)),
        ]
        project = make_project()
        root = ET.fromstring(client.get("/fr/sitemap.xml", buffered=True).text)
        found = [one.text for one in root.iter(LOC)]
        assert len(found) == len(set(found))
        for one in products:
            assert f"http://localhost/fr/products/{one.slug}" in found
        for one in hidden:
            assert f"http://localhost/fr/products/{one.slug}" not in found
        assert f"http://localhost/fr/projects/{project.slug}" in found
        assert "http://localhost/fr" in found

"""Importing in the browser: look first, then have it done, then read what was refused."""

import csv
import io

import pytest
import sqlalchemy as sa

from marketplace.catalog.imports import runs
from marketplace.catalog.models import ImportRun, Product
from marketplace.media import storage
from tests import factories
from tests.field import DATA, needs_field_data

GOOD = "Handle,Title,Body (HTML),Variant Price\ncup,Cup,<b>Blue</b>,5\nbowl,Bowl,,=1+1\n"


@pytest.fixture
def company(db):
    return factories.make_company(slug="potters")


@pytest.fixture
def member(client, company, sign_in):
    user = factories.make_user()
    factories.make_member(company, user)
    sign_in(client, user)
    return user


@pytest.fixture
def send(client, member):
    def send(text: str | bytes, name: str = "export.csv", wanted: str = "auto"):
        data = text.encode() if isinstance(text, str) else text
        return client.post(
            "/company/potters/import", data={"file": (io.BytesIO(data), name), "format": wanted}
        )

    return send


class TestImport:
    def test_shows_what_would_happen_before_anything_does(self, client, db, send):
        answer = send(GOOD)
        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert "Shopify" in page
        assert "Cup" in page
        assert "Variant Price" in page
        assert "The price is not an amount of money in this currency." in page
        assert "http-equiv" not in page
        assert db.scalars(sa.select(Product)).all() == []

    def test_runs_in_the_background_and_tells_what_it_did(self, client, db, send, run_jobs):
        place = send(GOOD).location
        assert client.post(place).status_code == 303
        assert 'http-equiv="refresh"' in client.get(place).text
        assert run_jobs() == ["run_import"]
        db.expire_all()
        product = db.scalars(sa.select(Product)).one()
        assert (product.title, product.description_html) == ("Cup", "<b>Blue</b>")
        run = db.scalars(sa.select(ImportRun)).one()
        assert (run.state, run.result["created"], run.result["skipped"]) == ("done", 1, 1)
        assert storage.find(run.storage_key) is None
        page = client.get(place).text
        assert "were refused" in page
        assert 'http-equiv="refresh"' not in page

    def test_is_started_once(self, client, db, send, run_jobs):
        place = send(GOOD).location
        client.post(place)
        assert client.post(place).status_code == 409
        assert run_jobs() == ["run_import"]
        assert client.post(place).status_code == 409

    def test_gives_the_refused_rows_as_a_harmless_table(self, client, send, run_jobs):
        place = send(GOOD).location
        client.post(place)
        run_jobs()
        answer = client.get(f"{place}/refused.csv")
        assert answer.content_type == "text/csv; charset=utf-8"
        rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert rows == [
            ["Line", "Reason", "Found"],
            ["3", "The price is not an amount of money in this currency.", "'=1+1"],
        ]

    @pytest.mark.parametrize(
        ("text", "wanted", "words"),
        [
            ("hello", "auto", "not a table"),
            ("", "auto", "The file is empty"),
            (GOOD, "woocommerce", "WooCommerce"),
            ('{"grants": []}', "auto", "360Giving"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><rss/>", "auto", "entities"),
        ],
    )
    def test_says_what_the_file_is_instead(self, db, send, text, wanted, words):
        answer = send(text, wanted=wanted)
        assert answer.status_code == 422
        assert words in answer.text
        assert db.scalars(sa.select(ImportRun)).all() == []

    def test_asks_for_a_file(self, client, member):
        answer = client.post("/company/potters/import", data={"format": "auto"})
        assert answer.status_code == 422
        assert "Choose a file first." in answer.text

    def test_may_be_larger_than_other_forms(self, client, send, monkeypatch, app):
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2_000)
        assert send(GOOD + "x" * 5_000).status_code == 303
        big = {"title": "x" * 5_000}
        assert client.post("/company/potters/products/new", data=big).status_code == 413

    def test_looks_at_the_beginning_of_a_large_file_only(self, client, send, monkeypatch):
        monkeypatch.setattr(runs, "PREVIEW_ROWS", 1)
        page = client.get(send(GOOD).location).text
        assert "only its first" in page
        assert "The price is not" not in page

    def test_of_a_file_that_is_gone_fails_with_a_reason(self, client, db, send, run_jobs):
        place = send(GOOD).location
        client.post(place)
        storage.delete([db.scalars(sa.select(ImportRun.storage_key)).one()])
        run_jobs()
        assert "The file is no longer there." in client.get(place).text

    def test_is_not_found_by_others(self, client, db, send, sign_in):
        place = send(GOOD).location
        user = factories.make_user()
        factories.make_member(factories.make_company(slug="weavers"), user)
        sign_in(client, user)
        assert client.get(place).status_code == 404
        assert client.post(place).status_code == 404
        elsewhere = place.replace("potters", "weavers")
        assert client.get(elsewhere).status_code == 404
        assert client.get(f"{elsewhere}/refused.csv").status_code == 404


@pytest.mark.field
@needs_field_data
def test_a_real_export_goes_all_the_way(client, db, send, run_jobs):
    path = DATA / "1-products/woocommerce/sample_products.csv"
    place = send(path.read_bytes(), path.name).location
    assert "V-Neck T-Shirt" in client.get(place).text
    client.post(place)
    run_jobs()
    assert db.scalar(sa.select(sa.func.count()).select_from(Product)) == 14
    assert "A download or a service" in client.get(place).text
    for address in ("/company/potters/products", "/company/potters/import"):
        assert client.get(address).status_code == 200

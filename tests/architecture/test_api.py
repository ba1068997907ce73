"""The JSON API as a whole: its document is valid, it never breaks, its page is served by us."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from marketplace.accounts import service as accounts
from marketplace.core import clock
from tests import factories

DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
def document(client):
    return client.get(DOCUMENT).json


class TestDocument:
    def test_is_valid_openapi(self, document):
        assert document["openapi"] == "3.1.0"
        validate(document)

    def test_has_every_route_of_the_api_in_it(self, app, document):
        served = {
            re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/api/v1/")
        }
        own = {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs/try"}
        assert served - own == set(document["paths"])

    def test_answers_errors_with_problem_documents(self, document):
        kinds = {
            kind
            for name, response in document["components"]["responses"].items()
            for kind in response.get("content", {})
        }
        assert kinds == {"application/problem+json"}

    def test_gives_amounts_as_integers(self, document):
        for name, schema in document["components"]["schemas"].items():
            for field, kind in schema["properties"].items():
                if field.endswith("_minor"):
                    assert kind["type"] in ("integer", ["integer", "null"]), (name, field)


class TestPage:
    @pytest.mark.parametrize("address", ["/api/v1/docs", "/api/v1/docs/try"])
    def test_is_served_without_others_and_without_inline_scripts(self, client, address):
        page = client.get(address)
        assert page.status_code == 200
        scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", page.text, re.DOTALL)
        assert all("src=" in attributes and not body.strip() for attributes, body in scripts)
        sources = re.findall(
            r'<(?:script|link rel="stylesheet")[^>]*(?:src|href)="([^"]+)"', page.text
        )
        assert [source for source in sources if not source.startswith("/static/")] == []
        assert "script-src 'self';" in page.headers["Content-Security-Policy"]

    def test_tells_every_operation_and_document_without_scripts(self, client, document):
        page = client.get("/api/v1/docs").text
        for address, operations in document["paths"].items():
            for method in operations.keys() - {"parameters"}:
                assert f"{method.upper()} {address}" in page
        for link in re.findall(r'href="#(\w+Output|\w+Input)"', page):
            assert f'id="{link}"' in page

    def test_hands_the_document_to_swagger_ui(self, client):
        assert 'data-document="/api/v1/openapi.json"' in client.get("/api/v1/docs/try").text

    def test_can_be_kept(self, client):
        first = client.get(DOCUMENT)
        again = client.get(DOCUMENT, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304


FEW = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def ask_all(app, method, **headers):
    """Ask each operation what its own specification allows, and some of what it does not."""
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, app)
    asked = set()
    for result in schema.include(method=method).get_all_operations():
        operation = result.ok()

        @FEW
        @given(case=operation.as_strategy())
        def ask(case):
            answer = case.call(headers=headers)
            asked.add((case.path, answer.status_code))
            assert answer.status_code < 500, (case.path, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0] == "application/problem+json"

        ask()
    return asked


@pytest.mark.no_cover  # each route has tests of its own
class TestProgram:
    @pytest.fixture
    def key(self, db, monkeypatch):
        monkeypatch.setattr("marketplace.accounts.api.CALLS", 10_000)
        factories.make_product()
        factories.make_project()
        _token, secret = accounts.issue_token(
            user=factories.make_user(), name="till", scopes=["orders:write"], now=clock.now()
        )
        db.commit()
        return {"Authorization": f"Bearer {secret}"}

    def test_that_reads_never_breaks_anything(self, app, key):
        asked = ask_all(app, "GET", **key)
        assert ("/api/v1/products", 200) in asked

    def test_that_buys_never_breaks_anything(self, app, key):
        asked = ask_all(app, "POST", **key)
        assert {path for path, _status in asked} == {"/api/v1/baskets", "/api/v1/orders"}


class TestRefusal:
    @pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/products/nothing"])
    def test_of_what_is_not_there_is_a_problem_document(self, client, path):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == 404
        assert answer.headers["Cache-Control"] == "no-store"

    def test_of_a_parameter_names_it(self, client):
        answer = client.get("/api/v1/products?price_from_minor=cheap&sort=luck")
        assert answer.status_code == 422
        assert set(answer.json["errors"]) == {"price_from_minor", "sort"}

    def test_of_a_method_says_which_ones_there_are(self, client):
        answer = client.delete("/api/v1/products", json={})
        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]

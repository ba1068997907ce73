"""Who may read the API from where: pages of any site, but never with a person's cookies."""

import pytest

from tests import factories

OTHER_SITE = {"Origin": "https://news.example"}


def allowed(answer) -> str | None:
    assert "Access-Control-Allow-Credentials" not in answer.headers
    return answer.headers.get("Access-Control-Allow-Origin")


class TestPublicRead:
    @pytest.mark.parametrize(
        "address",
        ["/api/v1/products", "/api/v1/impact", "/api/v1/openapi.json", "/fr/api/v1/companies"],
    )
    def test_is_open_to_pages_of_any_site(self, client, address):
        answer = client.get(address, headers=OTHER_SITE)
        assert answer.status_code == 200
        assert allowed(answer) == "*"
        assert allowed(client.head(address, headers=OTHER_SITE)) == "*"

    def test_tells_them_too_that_something_is_not_there(self, client):
        answer = client.get("/api/v1/products/none-such", headers=OTHER_SITE)
        assert (answer.status_code, allowed(answer)) == (404, "*")

    def test_says_the_same_to_who_is_signed_in(self, client, db, sign_in):
        sign_in(client, factories.make_user())
        assert allowed(client.get("/api/v1/products", headers=OTHER_SITE)) == "*"

    def test_may_be_asked_whether_it_has_changed(self, client):
        answer = client.options(
            "/api/v1/impact",
            headers={
                **OTHER_SITE,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "if-none-match",
            },
        )
        assert allowed(answer) == "*"
        assert answer.headers["Access-Control-Allow-Headers"] == "If-None-Match"
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"


class TestEverythingElse:
    @pytest.mark.parametrize(
        "address", ["/api/v1/orders/a-token", "/api/v1/docs", "/", "/receipt/x"]
    )
    def test_is_not_read_by_other_sites(self, client, address):
        assert allowed(client.get(address, headers=OTHER_SITE)) is None

    @pytest.mark.parametrize("address", ["/api/v1/orders", "/api/v1/baskets", "/api/v1/orders/a"])
    def test_is_not_sent_from_other_sites(self, client, address):
        asked = {**OTHER_SITE, "Access-Control-Request-Method": "POST"}
        assert allowed(client.options(address, headers=asked)) is None
        assert allowed(client.post(address, json={}, headers=OTHER_SITE, token=False)) is None

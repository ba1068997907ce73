"""What keeps other people's pages and programs out."""

import pytest
import sqlalchemy as sa

from marketplace.accounts.models import User
from tests.accounts.people import make_careful_person, make_person
from tests.factories import PASSWORD, make_user, sign_in

FORMS = [
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/reset-password",
    "/account/settings",
    "/account/password",
    "/account/email",
    "/account/tokens",
    "/account/second-factor",
    "/account/sessions/revoke-others",
]


@pytest.mark.parametrize("path", FORMS)
class TestForm:
    def test_is_refused_without_its_token(self, client, path):
        sign_in(client, make_user())
        answer = client.post(path, data={"email": "elena@example.org"}, token=False)
        assert answer.status_code == 400
        assert "reload the page" in answer.text

    def test_is_refused_with_the_token_of_another_browser(self, client, app, path):
        other = app.test_client()
        with other.session_transaction() as cookie:
            cookie["csrf_token"] = "1" * 40
        sign_in(client, make_user())
        answer = client.post(path, data={"csrf_token": other.form_token()})
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        ],
    )
    def test_is_refused_from_another_site(self, client, path, headers):
        sign_in(client, make_user())
        assert client.post(path, headers=headers).status_code == 403


class TestTheme:
    def test_needs_no_token_but_the_same_site(self, client):
        assert client.post("/theme", data={"theme": "dark"}, token=False).status_code == 303
        foreign = {"Origin": "https://evil.example"}
        answer = client.post("/theme", data={"theme": "dark"}, headers=foreign, token=False)
        assert answer.status_code == 403


class TestEachPage:
    @pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/reset-password", "/sign-in/code"])
    def test_has_its_headers(self, client, path):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "no-store" in headers["Cache-Control"]

    def test_has_the_token_in_each_form(self, client):
        sign_in(client, make_user())
        for path in ("/account", "/account/settings", "/account/email", "/account/tokens"):
            page = client.get(path).text
            forms = page.count('method="post"') - 1  # the theme's
            assert page.count('name="csrf_token"') == forms > 0


class TestStrangeInput:
    @pytest.mark.parametrize(
        "email",
        [
            "' or 1=1 --",
            "admin'/*",
            "{{7*7*7*7*7*7}}",
            "a" * 5000,
            "\x00",
            "x@example.org\r\nBcc: y@z.org",
        ],
    )
    def test_signs_nobody_in(self, client, email):
        make_person()
        answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 422
        assert "117649" not in answer.text.split("<main")[1].split("</main")[0]

    def test_is_no_second_factor(self, client, db):
        make_careful_person()
        for path in (
            "/sign-up/x",
            "/reset-password/x",
            "/account/email/x",
            "/sign-up/" + "x" * 3000,
        ):
            assert client.get(path).status_code == 409
        assert db.scalar(sa.select(sa.func.count()).select_from(User)) == 1

"""What an answer carries."""

import gzip

import brotli
import pytest

from tests.factories import make_user, sign_in

TYPED = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "none"}
FROM_ELSEWHERE = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "cross-site"}


class TestPublicPages:
    def test_come_compressed_to_a_visitor_without_cookies(self, client):
        plain = client.get("/how-it-works")
        small = client.get("/how-it-works", headers={"Accept-Encoding": "gzip, deflate"})
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers.getlist("Vary")
        assert gzip.decompress(small.data) == plain.data
        assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data)

    def test_come_in_the_smaller_of_two_encodings(self, client):
        plain = client.get("/how-it-works")
        small = client.get("/how-it-works", headers={"Accept-Encoding": "gzip, deflate, br"})
        assert small.headers["Content-Encoding"] == "br"
        assert brotli.decompress(small.data) == plain.data

    def test_come_compressed_when_they_begin_a_session(self, client):
        answer = client.get("/sign-in", headers=TYPED)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "no-store"
        assert 'name="csrf_token"' in gzip.decompress(answer.data).decode()

    def test_come_compressed_when_there_is_no_such(self, client):
        answer = client.get("/not-there?q=words", headers=FROM_ELSEWHERE)
        assert answer.status_code == 404
        assert answer.headers["Content-Encoding"] == "gzip"

    def test_come_compressed_with_a_cookie_that_is_no_secret(self, client):
        client.set_cookie("theme", "dark")
        answer = client.get("/how-it-works", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "private, no-cache"

    def test_are_told_apart_when_they_did_not_change(self, client):
        accepts = {"Accept-Encoding": "gzip"}
        first = client.get("/how-it-works", headers=accepts)
        again = client.get(
            "/how-it-works", headers=accepts | {"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304
        assert client.get("/how-it-works").headers["ETag"] != first.headers["ETag"]


class TestPagesOfSomebody:
    @pytest.mark.parametrize("path", ["/how-it-works", "/account/password", "/products?q=mat"])
    def test_come_compressed(self, client, path):
        sign_in(client, make_user())
        answer = client.get(path, headers=TYPED)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "no-store" in answer.headers["Cache-Control"]

    def test_come_compressed_when_a_form_is_refused(self, client):
        sign_in(client, make_user())
        own = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
        answer = client.post("/account/password", headers=own)
        assert answer.status_code == 422
        assert answer.headers["Content-Encoding"] == "gzip"

    def test_come_compressed_by_a_link_of_another_site(self, client):
        sign_in(client, make_user())
        answer = client.get("/account/password", headers=FROM_ELSEWHERE)
        assert answer.headers["Content-Encoding"] == "gzip"

    @pytest.mark.parametrize("site", ["cross-site", "same-site", None])
    @pytest.mark.parametrize("path", ["/products?q=mat", "/receipts?guess", "/not/mat", "/staff"])
    def test_come_plain_with_words_that_another_site_may_have_chosen(self, client, path, site):
        """Their size would say whether the words stand in the page a second time."""
        sign_in(client, make_user())
        headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": site}
        answer = client.get(path, headers={name: text for name, text in headers.items() if text})
        assert "Content-Encoding" not in answer.headers
        assert answer.text.startswith("<!doctype html>")

    def test_come_plain_to_a_guest_whose_basket_they_show(self, client):
        answer = client.get("/basket?guess", headers=FROM_ELSEWHERE)
        assert "Content-Encoding" not in answer.headers


class TestRedirects:
    def test_come_as_they_are(self, client):
        answer = client.get("/account", headers=TYPED)
        assert answer.status_code == 303
        assert "Content-Encoding" not in answer.headers

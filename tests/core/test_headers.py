"""What an answer carries."""

import gzip

import brotli

from tests.factories import make_user, sign_in


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

    def test_come_plain_where_they_may_hold_a_secret(self, client):
        answer = client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers

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
    """Nobody can ask for them again and again with somebody's cookie: it is for our site alone."""

    def test_come_compressed_where_they_hold_no_token(self, client):
        sign_in(client, make_user())
        answer = client.get("/how-it-works", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "private, no-store"

    def test_come_plain_where_they_hold_one(self, client):
        sign_in(client, make_user())
        answer = client.get("/account/password", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers

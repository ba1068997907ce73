"""The token in forms: another each time, and each of them is taken back."""

import re
from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.web.texts import csrf
from marketplace.core.web.tokens import LONGEST, covered, uncovered
from tests.factories import make_user, sign_in

FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
PAGE = "/account/second-factor"
NO_TOKENS = [
    "",
    "x",
    "=",
    "====",
    "é",
    "\ud7ff" * 50,
    "AAA=",  # two bytes: two empty halves' worth of nothing
    "AAAA",  # an odd number of bytes
    "not a token at all",
    "A" * LONGEST,
    "A" * (LONGEST + 1),
    "-" * 400_000,
    "\x00" * 100,
    "IjAwMDAi.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa",
]


def tokens_of(answer):
    return FIELD.findall(answer.text)


class TestCovered:
    @given(st.text(st.characters(codec="ascii"), max_size=LONGEST // 4))
    def test_is_uncovered_again(self, token):
        assert uncovered(covered(token)) == token

    def test_has_no_letters_in_common_but_by_chance(self):
        token = "one and the same token " * 4
        bytes_of = [urlsafe_b64decode(covered(token)) for _ in range(40)]
        assert len(set(bytes_of)) == 40
        for place in range(2 * len(token)):
            assert len({made[place] for made in bytes_of}) > 20


class TestUncovered:
    @given(st.text())
    def test_takes_whatever_it_is_given(self, text):
        assert isinstance(uncovered(text), str)

    def test_looks_at_nothing_endless(self):
        assert uncovered(covered("x" * LONGEST)) == ""


class TestToken:
    @pytest.fixture(autouse=True)
    def _signed_in(self, client):
        sign_in(client, make_user())

    def test_is_another_in_the_next_page(self, client):
        shown = [token for _ in range(3) for token in tokens_of(client.get(PAGE))]
        assert len(set(shown)) == 3

    def test_is_the_same_in_each_form_of_a_page(self, app):
        with app.test_request_context():
            assert csrf() == csrf()

    def test_is_taken_whenever_it_was_shown(self, client):
        for page in [client.get(PAGE) for _ in range(3)]:
            data = {"csrf_token": tokens_of(page)[0], "password": "wrong"}
            assert client.post(PAGE, data=data).status_code == 422

    def test_is_taken_from_a_header(self, client):
        headers = {"X-CSRFToken": tokens_of(client.get(PAGE))[0]}
        assert client.post(PAGE, headers=headers, token=False).status_code == 422

    def test_is_refused_where_a_letter_was_changed(self, client):
        token = tokens_of(client.get(PAGE))[0]
        for place in (0, len(token) // 3, len(token) // 2, len(token) - 5):
            other = "A" if token[place] != "A" else "B"
            data = {"csrf_token": token[:place] + other + token[place + 1 :]}
            assert client.post(PAGE, data=data).status_code == 400

    def test_is_refused_uncovered(self, client):
        data = {"csrf_token": uncovered(tokens_of(client.get(PAGE))[0])}
        assert client.post(PAGE, data=data).status_code == 400

    @pytest.mark.parametrize("text", NO_TOKENS, ids=range(len(NO_TOKENS)))
    def test_is_refused_with_a_word_where_it_never_was_one(self, client, text):
        answer = client.post(PAGE, data={"csrf_token": text})
        assert answer.status_code == 400
        assert "reload the page" in answer.text

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.rules import (
    LONGEST_QUERY,
    Sort,
    corrected,
    plain_query,
    position_of,
    search_terms,
    search_words,
    sort_for,
)

PRODUCT = uuid.UUID("0192f0c4-0000-7000-8000-000000000001")


class TestPlainQuery:
    def test_puts_everything_on_one_line(self):
        assert plain_query("  linen\n\ttowels ") == "linen towels"

    def test_cuts_what_nobody_types(self):
        assert len(plain_query("towel " * 1000)) <= LONGEST_QUERY

    def test_drops_what_postgresql_cannot_store(self):
        assert plain_query("lin\x00en") == "lin en"


class TestSearchTerms:
    def test_asks_for_every_word_and_lets_the_last_be_unfinished(self):
        assert search_terms("Linen tow") == "'linen' & 'tow':*"

    def test_reads_no_operator(self):
        assert search_terms("a & !b | (c) <-> 'd':*") == "'a' & 'b' & 'c' & 'd':*"

    def test_keeps_decimals_together(self):
        assert search_terms("oil 0,5") == "'oil' & '0,5':*"

    def test_does_not_let_a_number_go_on(self):
        assert search_terms("size 5") == "'size' & '5'"

    def test_is_empty_where_there_is_no_word(self):
        assert search_terms("&&& --- ''") == ""

    @given(st.text(max_size=300))
    def test_never_has_a_quote_inside_a_word(self, text):
        assert all("'" not in word and "\\" not in word for word in search_words(text))


class TestCorrected:
    def test_takes_the_nearest_words_of_the_titles(self):
        titles = ["Linen kitchen towels, set of three", "Olive oil soap"]
        assert corrected("linnen towls", titles) == "linen towels"

    def test_keeps_accents_of_the_titles(self):
        assert corrected("cafee", ["Café moulu"]) == "café"

    def test_drops_words_that_are_near_nothing(self):
        assert corrected("linnen xqzwv", ["Linen towels"]) == "linen"

    def test_says_nothing_that_was_said_already(self):
        assert corrected("Linen towels", ["Linen towels"]) is None

    def test_says_nothing_without_titles(self):
        assert corrected("linen", []) is None


class TestSortFor:
    def test_is_the_newest_first_without_a_search(self):
        assert sort_for("", "") is Sort.NEWEST
        assert sort_for("relevance", "") is Sort.NEWEST

    def test_is_by_relevance_with_a_search(self):
        assert sort_for("", "linen") is Sort.RELEVANCE

    def test_is_what_was_asked_for(self):
        assert sort_for("price-high", "linen") is Sort.DEAREST

    def test_ignores_what_it_does_not_know(self):
        assert sort_for("'; drop table product", "") is Sort.NEWEST


class TestPositionOf:
    def test_reads_a_price(self):
        assert position_of(Sort.CHEAPEST, [3660, str(PRODUCT)]) == (3660, PRODUCT)

    def test_reads_a_moment(self):
        moment = datetime(2026, 3, 12, tzinfo=UTC)
        assert position_of(Sort.NEWEST, [moment.isoformat(), str(PRODUCT)]) == (moment, PRODUCT)

    @pytest.mark.parametrize(
        "key",
        [
            None,
            [],
            [1],
            ["1", str(PRODUCT)],
            [1.5, str(PRODUCT)],
            [True, str(PRODUCT)],
            [2**63, str(PRODUCT)],
            [None, str(PRODUCT)],
            [1, "no id"],
            [1, 2],
        ],
    )
    def test_refuses_a_tampered_price(self, key):
        assert position_of(Sort.CHEAPEST, key) is None

    @pytest.mark.parametrize("moment", ["yesterday", "2026-03-12T10:00:00", 5, None])
    def test_refuses_a_tampered_moment(self, moment):
        assert position_of(Sort.NEWEST, [moment, str(PRODUCT)]) is None

"""Cursors: they come back as they went out, and a forged one begins anew."""

import base64
import json

import pytest

from marketplace.core.paging import decode_cursor, encode_cursor, page_of


class TestCursor:
    @pytest.mark.parametrize(
        "key", [["a", 1], ["é/+?&=", None], [1.5, -3], ["2026-03-12T18:42:00+00:00", "x"]]
    )
    def test_comes_back_as_it_went_out(self, key):
        cursor = encode_cursor(key)
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert decode_cursor(cursor, len(key)) == key

    @pytest.mark.parametrize(
        "cursor",
        [
            None, "", "x", "!!!", "a" * 601, encode_cursor(["one"]), encode_cursor([1, 2, 3]),
            base64.urlsafe_b64encode(json.dumps({"a": 1, "b": 2}).encode()).decode(),
            base64.urlsafe_b64encode(json.dumps([[1], 2]).encode()).decode(),
            base64.urlsafe_b64encode(b"\xff\xfe").decode(),
            *(
                base64.urlsafe_b64encode(json.dumps([part, 2]).encode()).decode()
                for part in ("nul\x00", "half \ud83d", 2**63, True, float("nan"), float("-inf"))
            ),
        ],
    )  # fmt: skip
    def test_that_is_none_of_ours_begins_anew(self, cursor):
        assert decode_cursor(cursor, 2) is None


class TestPage:
    def test_leads_on_behind_its_last_row(self):
        page = page_of([(1, "a"), (2, "b"), (3, "c")], 2, lambda row: row)
        assert page.rows == [(1, "a"), (2, "b")]
        assert decode_cursor(page.next_cursor, 2) == [2, "b"]

    def test_that_is_the_last_leads_nowhere(self):
        assert page_of([1, 2], 2, lambda row: [row]).next_cursor is None

"""What people bring as HTML does no harm, and is changed once only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.core.rich_text import BROUGHT, safe_html

PIECES = st.sampled_from(
    ["<h1>", "</h1>", "<p>", "</p>", "<b", ">", "<script>", "</script>", "<style>", "&lt;", "&amp;",
     "&", "<", "a", "\n\n", "\n", " ", "<a href='javascript:x'>", "</a>", "<table>", "<td>",
     "<!--", "-->", "<svg onload=x>", "<textarea>", "'", '"', "é", "<img src=x onerror=y>"]
)  # fmt: skip

WITHOUT_TABLES = PIECES.filter(lambda piece: piece not in ("<table>", "<td>"))


class TestSafeHtml:
    @pytest.mark.parametrize(
        ("brought", "kept"),
        [
            ("", ""),
            ("One.\n\nTwo,\nthree & <4", "<p>One.</p><p>Two,<br>three &amp; &lt;4</p>"),
            ("<h2>Care</h2><p>Wash.</p>", "<p><strong>Care</strong></p><p>Wash.</p>"),
            ("<script>steal()</script>Plain\n\nwords", "<p>Plain</p><p>words</p>"),
            ('<p style="x" onclick="y">a<img src=x></p>', "<p>a</p>"),
            (
                '<a href="https://e.org/">b</a>',
                '<a href="https://e.org/" rel="ugc nofollow noopener">b</a>',
            ),
            ('<a href="javascript:x">b</a>', '<a rel="ugc nofollow noopener">b</a>'),
            (
                "<table><tr><th>Size<td>M</table>",
                "<table><tbody><tr><th>Size</th><td>M</td></tr></tbody></table>",
            ),
        ],
    )
    def test_keeps_words_and_plain_structure(self, brought, kept):
        assert safe_html(brought) == kept

    @given(st.lists(WITHOUT_TABLES, max_size=12).map("".join))
    def test_leaves_what_it_returned_as_it_is(self, brought):
        once = safe_html(brought)
        assert safe_html(once) == once

    @given(st.lists(PIECES, max_size=12).map("".join))
    def test_lets_nothing_else_through(self, brought):
        tags = re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", safe_html(brought))
        assert set(tags) <= BROUGHT
        assert not re.search(r"\son\w+\s*=|javascript:", re.sub(r">[^<]*", ">", safe_html(brought)))

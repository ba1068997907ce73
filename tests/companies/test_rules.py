import pytest

from marketplace.companies.rules import place_of, text_as_html
from marketplace.core.ids import new_id


class TestTextAsHtml:
    def test_understands_markdown(self):
        html = text_as_html("We *weave*.\n\n- linen\n- wool")
        assert "<em>weave</em>" in html
        assert "<li>linen</li>" in html

    def test_makes_links_that_are_no_advertising(self):
        assert 'rel="nofollow noopener ugc"' in text_as_html("[us](https://example.org)")

    @pytest.mark.parametrize(
        "text",
        ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))"],
    )
    def test_lets_nothing_run(self, text):
        html = text_as_html(text)
        assert "<script" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html


class TestPlaceOf:
    def test_reads_a_name_and_an_id(self):
        company = new_id()
        assert place_of(["Arbosca", str(company)]) == ("Arbosca", company)

    @pytest.mark.parametrize("key", [None, [], ["A"], ["A", "no id"], [1, str(new_id())]])
    def test_refuses_what_was_tampered_with(self, key):
        assert place_of(key) is None

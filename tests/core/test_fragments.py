"""Parts of pages that are drawn once."""

from markupsafe import Markup

from marketplace.core.web.fragments import drawn


class TestDrawn:
    def test_draws_once_for_the_same_values(self, app):
        made = []

        def draw(*values):
            made.append(values)
            return Markup("<p>{}</p>").format(values[0])

        with app.test_request_context("/"):
            assert drawn("test.once", draw, "<a>", 1) == "<p>&lt;a&gt;</p>"
            assert drawn("test.once", draw, "<a>", 1) == "<p>&lt;a&gt;</p>"
            assert drawn("test.once", draw, "<b>", 1) == "<p>&lt;b&gt;</p>"
        assert made == [("<a>", 1), ("<b>", 1)]

    def test_draws_anew_in_another_language(self, app, client):
        english = client.get("/en/products").text
        french = client.get("/fr/products").text
        assert "incl. VAT" not in french
        assert english != french

    def test_tells_macros_apart(self, app):
        with app.test_request_context("/"):
            assert drawn("test.one", Markup, "x") == "x"
            assert drawn("test.two", lambda value: Markup(value * 2), "x") == "xx"

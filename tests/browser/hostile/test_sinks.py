"""What looks at answers sees what is wrong, and nothing that is not."""

import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from tests.browser.hostile import sinks


def named(**parts):
    return DictionaryObject({NameObject(f"/{name}"): part for name, part in parts.items()})


def pdf_with(**parts):
    """Return a document whose page has further parts."""
    writer, file = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(100, 100)
    page.update(named(**parts))
    writer.write(file)
    return file.getvalue()


class TestPdf:
    @pytest.mark.parametrize("how", ["/Launch", "/JavaScript"])
    def test_that_does_something_when_it_is_opened_is_seen(self, how):
        document = pdf_with(AA=named(O=named(S=NameObject(how))))
        assert list(sinks._pdf(document)) == ["it can act: /AA", f"it can act: {how}"]

    def test_with_a_font_whose_name_begins_like_an_action_is_none(self):
        document = pdf_with(
            Resources=named(Font=named(F=named(BaseFont=NameObject("/AAXYZQ+News"))))
        )
        assert b"/AA" in document
        assert list(sinks._pdf(document)) == []

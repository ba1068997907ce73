"""Whatever people write, a drawing is made, and it says what they wrote."""

import io
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pypdf
import pytest
import segno
from PIL import Image

from marketplace.look.art import draw
from marketplace.sharing import drawing

TOLD = {
    "lang": "en",
    "art": draw("topo", ("wells",)),
    "is_land": True,
    "eyebrow": "Maji, Kisumu, Kenya",
    "title": "Wells",
    "summary": "Two wells.",
    "figure": "€1,234.56",
    "note": "of €5,000.00",
    "parts": [["spent", 0.2], ["paid", 0.3], ["held", 0.5]],
    "place": "causeway.example",
}
PAPER = {
    "link": "https://causeway.example/projects/wells",
    "address": "causeway.example/projects/wells",
    "how": "Buy something.",
    "code_alt": "A code",
    "foot": "Printed on 22 November 2026",
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOSTILE = ("", "#panic()", "*_`$\\", "x" * 3000, "مرحبا 你好 🐘", "]]></svg>", "a\nb\tc", "\u202e")


def codes_in(monkeypatch):
    """Return the list to which the contents of codes are added that are drawn from now on."""
    links = []
    make = segno.make

    def noted(content, **options):
        links.append(content)
        return make(content, **options)

    monkeypatch.setattr(drawing.segno, "make", noted)
    return links


class TestPicture:
    def test_is_the_same_for_the_same_words(self):
        assert drawing.picture(TOLD) == drawing.picture(dict(TOLD))

    @pytest.mark.parametrize("text", HOSTILE)
    def test_is_made_whatever_people_write(self, text):
        told = TOLD | {"title": text, "eyebrow": text, "summary": text, "parts": []}
        assert Image.open(io.BytesIO(drawing.picture(told))).size == drawing.PICTURE_SIZE

    def test_is_made_without_a_figure(self):
        cloth = draw("cloth", ("tidal", "loom"))
        told = TOLD | {"figure": "", "note": "", "parts": [], "art": cloth, "is_land": False}
        assert drawing.picture(told) != drawing.picture(TOLD)


class TestCounter:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_is_made_whatever_people_write(self, text):
        root = ET.fromstring(drawing.counter(TOLD | {"title": text}))
        assert (root.get("width"), root.get("height")) == ("360", "96")


class TestPoster:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_is_one_page_whatever_people_write(self, text):
        made = drawing.poster(TOLD | PAPER | {"title": text or "x", "summary": text}, at=NOW)
        assert len(pypdf.PdfReader(io.BytesIO(made)).pages) >= 1

    def test_is_tagged_and_says_its_language(self):
        reader = pypdf.PdfReader(io.BytesIO(drawing.poster(TOLD | PAPER, at=NOW)))
        assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
        assert reader.trailer["/Root"]["/Lang"] == "en"
        assert len(reader.pages) == 1
        assert "€1,234.56" in reader.pages[0].extract_text()

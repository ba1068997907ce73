"""Fonts as browsers get them: cut from the real family, with the glyphs and the axis we use."""

import io

import pytest
from fontTools.subset import parse_unicodes
from fontTools.ttLib import TTFont

from marketplace.look import fonts


@pytest.fixture(scope="module")
def faces() -> dict[str, fonts.Face]:
    """Return the faces of the family with one style: it takes seconds to cut one."""
    family = fonts.FAMILIES[1]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fonts, "FAMILIES", (family,))
        return {face.subset: face for face in fonts.faces()}


def opened(face: fonts.Face) -> TTFont:
    return TTFont(io.BytesIO(face.content))


class TestFace:
    def test_is_small_and_compressed_for_the_web(self, faces):
        assert set(faces) == {"latin", "latin-ext"}
        for face in faces.values():
            assert face.content.startswith(b"wOF2")
            assert len(face.content) < 60_000

    def test_has_the_letters_of_our_languages(self, faces):
        known = set(opened(faces["latin"]).getBestCmap())
        assert {ord(sign) for sign in "AZaz09 àéèêçœÉ€«»’…–"} <= known

    @pytest.mark.parametrize("name", ["latin", "latin-ext"])
    def test_has_nothing_beyond_its_range(self, faces, name):
        allowed = set(parse_unicodes(fonts.RANGES[name].replace("U+", "")))
        assert set(opened(faces[name]).getBestCmap()) <= allowed

    def test_keeps_the_axis_of_weight_alone(self, faces):
        (axis,) = opened(faces["latin"])["fvar"].axes
        assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)

    def test_keeps_figures_of_one_width(self, faces):
        table = opened(faces["latin"])["GSUB"].table
        assert "tnum" in {one.FeatureTag for one in table.FeatureList.FeatureRecord}

    def test_tells_a_browser_when_to_load_it(self, faces):
        rule = faces["latin-ext"].rule("/f.woff2")
        assert 'font-family:"Instrument Sans"' in rule
        assert 'url("/f.woff2") format("woff2")' in rule
        assert "font-weight:400 700" in rule
        assert "U+0100-0130" in rule
        assert faces["latin-ext"].file_name == "instrument-sans-normal-latin-ext.woff2"


class TestSource:
    def test_is_upright_or_italic(self):
        upright = fonts._source("fontpkg_newsreader", "normal")
        italic = fonts._source("fontpkg_newsreader", "italic")
        names = [
            str(TTFont(io.BytesIO(font))["name"].getDebugName(2)) for font in (upright, italic)
        ]
        assert "Italic" not in names[0]
        assert "Italic" in names[1]

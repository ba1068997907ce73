"""Fonts: variable faces cut down to what the look uses, as WOFF2."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,"
    "U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
LATIN_EXT = (
    "U+0100-0130,U+0132-0151,U+0154-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2C60-2C7F,U+A720-A7FF"
)
RANGES = {"latin": LATIN, "latin-ext": LATIN_EXT}

FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "lnum"]


@dataclass(frozen=True)
class Family:
    """A family as the look uses it: `weights` stay variable, the axes in `pinned` do not."""

    name: str
    package: str
    weights: tuple[int, int]
    pinned: dict[str, int]
    styles: tuple[str, ...]


@dataclass(frozen=True)
class Face:
    """One file that a browser may load."""

    family: Family
    style: str
    subset: str
    content: bytes

    @property
    def file_name(self) -> str:
        """Return the name that the file is known under."""
        return f"{self.family.name.lower().replace(' ', '-')}-{self.style}-{self.subset}.woff2"

    def rule(self, url: str) -> str:
        """Return the rule that tells a browser when to load this face."""
        lightest, heaviest = self.family.weights
        return (
            f'@font-face{{font-family:"{self.family.name}";src:url("{url}") format("woff2");'
            f"font-weight:{lightest} {heaviest};font-style:{self.style};font-display:swap;"
            f"unicode-range:{RANGES[self.subset]}}}"
        )


FAMILIES = (
    Family("Newsreader", "fontpkg_newsreader", (400, 600), {"opsz": 20}, ("normal", "italic")),
    Family("Instrument Sans", "fontpkg_instrument_sans", (400, 700), {"wdth": 100}, ("normal",)),
)


def faces() -> Iterator[Face]:
    """Return every face; the same packages give the same bytes."""
    for family in FAMILIES:
        for style in family.styles:
            font = _instance(_source(family.package, style), family)
            for name, unicodes in RANGES.items():
                yield Face(family, style, name, _subset(font, unicodes))


def _source(package: str, style: str) -> bytes:
    """Return the variable font of a package, the upright or the italic one."""
    fonts = sorted(Path(str(files(package))).rglob("*.ttf"))
    wanted = [file for file in fonts if ("Italic" in file.name) is (style == "italic")]
    variable = [file for file in wanted if "[" in file.name] or wanted
    return variable[0].read_bytes()


def _instance(font: bytes, family: Family) -> bytes:
    """Keep the axis of weight alone: half the bytes, nothing that the look uses is lost.

    It is written and read again before it is subset, because the subsetter fails on a font that
    the instancer still holds open.
    """
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    limited = instancer.instantiateVariableFont(loaded, {"wght": family.weights, **family.pinned})
    return _saved(limited)


def _subset(font: bytes, unicodes: str) -> bytes:
    """Keep the glyphs of a range and the features that the look uses."""
    options = subset.Options()
    options.layout_features = FEATURES
    loaded = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(unicodes.replace("U+", "")))
    subsetter.subset(loaded)
    loaded.flavor = "woff2"
    return _saved(loaded)


def _saved(font: TTFont) -> bytes:
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()

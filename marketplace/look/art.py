"""Addresses of placeholder art: everything that a drawing follows from stands in its path."""

import re
from functools import lru_cache
from urllib.parse import quote

from marketplace.look.patterns.cloth import cloth
from marketplace.look.patterns.ground import PALETTES
from marketplace.look.patterns.land import setts, topo
from marketplace.look.patterns.naming import glyph_of
from marketplace.look.patterns.product import FILLS, product
from marketplace.look.patterns.world import parse_place, place_parts, world

LONGEST_NAME = 80
VIEWS = frozenset("0123")


@lru_cache(maxsize=8192)
def art_url(kind: str, *parts: str | float) -> str:
    """Return the address of a drawing.

    `product` palette, glyph, view (0 to 3), name; `cloth` palette, name; `topo` and `setts` name;
    `world` latitude and longitude in degrees.
    A product's name may tell its glyph better than its category.
    """
    match kind, parts:
        case "product", (palette, str(glyph), view, str(name)):
            parts = (palette, glyph_of(name, glyph), view, name)
        case "world", (float(latitude), float(longitude)):
            parts = place_parts(latitude, longitude)
    plain = "/".join(quote(_plain(str(part)), safe="") for part in parts)
    return f"/art/{kind}/{plain}.svg"


def _plain(part: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:LONGEST_NAME] or "x"


@lru_cache(maxsize=512)
def draw(kind: str, parts: tuple[str, ...]) -> str | None:
    """Return the drawing of an address, or None if there is no such one."""
    match kind, parts:
        case "product", (palette, glyph, view, name) if palette in PALETTES and glyph in FILLS:
            return product(name, palette, glyph, int(view)) if view in VIEWS else None
        case "cloth", (palette, name) if palette in PALETTES:
            return cloth(name, palette)
        case "topo", (name,):
            return topo(name)
        case "setts", (name,):
            return setts(name)
        case "world", (latitude, longitude):
            place = parse_place(latitude, longitude)
            return world(*place) if place else None
    return None

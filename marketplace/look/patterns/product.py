"""A product without a photo: its silhouette, cloth of its maker, a backdrop of its own."""

import hashlib
from collections.abc import Callable

from marketplace.look.patterns import cloth
from marketplace.look.patterns.ground import BACKDROPS, PALETTES, Dice, Palette, svg
from marketplace.look.patterns.silhouettes import silhouette

Fill = Callable[[str, Dice, Palette], str]

FILLS: dict[str, Fill] = {
    "towels": cloth.weave,
    "throw": cloth.weave,
    "pouch": cloth.grain,
    "pouch2": cloth.grain,
    "tote": cloth.panel,
    "washbag": cloth.panel,
    "bowl": cloth.tile,
    "cups": cloth.tile,
    "bottle": cloth.wave,
    "notebook": cloth.wave,
    "candles": cloth.wave,
    "soap": cloth.wave,
    "apron": cloth.panel,
    "roll": cloth.panel,
    "sack": cloth.weave,
    "cushion": cloth.weave,
    "jar": cloth.wave,
    "jug": cloth.tile,
    "tin": cloth.wave,
    "sheets": cloth.wave,
    "ribbons": cloth.weave,
    "duffel": cloth.panel,
    "tealights": cloth.wave,
    "parcel": cloth.weave,
}
"""The material of each silhouette; its keys are the glyphs that an address may name."""

WHOLE, NEAR, MATERIAL, FAR = range(4)
"""The four views of a product."""


def product(name: str, palette: str, glyph: str, view: int = WHOLE) -> str:
    """Return one of the four views of a product."""
    colours = PALETTES[palette]
    glyph = glyph if glyph in FILLS else "parcel"
    fill = FILLS[glyph]
    defs = fill("p", Dice(f"{name}|{palette}"), colours) + fill(
        "q", Dice(f"alt|{name}{palette}"), colours
    )
    choice = hashlib.sha256(f"ground|{name}".encode()).digest()[0] % 3
    wall, floor = BACKDROPS[palette][choice]
    figure = silhouette(glyph, colours)
    ground = f'<path fill="{floor}" d="M0 318h400v82H0z"/>'
    if view == NEAR:
        figure, ground = f'<g transform="translate(-210 -190) scale(2.05)">{figure}</g>', ""
    elif view == MATERIAL:
        figure, ground = '<path fill="url(#p)" d="M0 0h400v400H0z"/>', ""
    elif view == FAR:
        figure = f'<g transform="translate(60 62) scale(.7)">{figure}</g>'
        wall, ground = floor, f'<path fill="{wall}" d="M0 285h400v115H0z"/>'
    backdrop = f'<path fill="{wall}" d="M0 0h400v400H0z"/>'
    return svg(400, 400, f"<defs>{defs}</defs>{backdrop}{ground}{figure}")

"""Silhouettes of what is sold, 400 x 400, filled with the patterns #p and #q."""

from marketplace.look.patterns.ground import Palette

_FRINGE = "".join(f"M{102 + i * 10} 298v24" for i in range(21))


def _candle(place: int) -> str:
    left, burnt = 92 + place * 38, place % 3 * 8
    fill = "{p}" if place % 2 else "{q}"
    return (
        f'<path d="M{left} {124 + burnt}h24v{190 - burnt}h-24z" fill="{fill}"/>'
        f'<path d="M{left + 12} {124 + burnt}v-22" stroke="{{dark}}" stroke-width="3.5"/>'
    )


_CANDLES = "".join(_candle(place) for place in range(6))

SHAPES = {
    "towels": (
        "<g>"
        '<rect x="84" y="228" width="232" height="62" rx="9" fill="{p}"/>'
        '<rect x="92" y="164" width="222" height="60" rx="9" fill="{q}"/>'
        '<rect x="86" y="102" width="228" height="58" rx="9" fill="{p}"/>'
        '<path d="M84 259h226M92 194h216M86 131h222" stroke="{light}" stroke-width="3" '
        'opacity=".8"/>'
        "</g>"
    ),
    "throw": (
        '<path d="M98 92h204v206H98z" fill="{p}"/>'
        '<path d="M98 92h102v206H98z" fill="{q}"/>'
        '<path d="M200 92v206" stroke="{light}" stroke-width="4"/>'
        '<path d="' + _FRINGE + '" stroke="{dark}" stroke-width="4" fill="none"/>'
    ),
    "pouch": (
        '<path d="M122 108h156l14 206a10 10 0 0 1-10 10H118a10 10 0 0 1-10-10z" fill="{p}"/>'
        '<path d="M122 108l5-30h146l5 30z" fill="{dark}"/>'
        '<path d="M126 92h148" stroke="{light}" stroke-width="2.5"/>'
        '<rect x="150" y="176" width="100" height="84" fill="{light}"/>'
        '<path d="M164 200h72M164 218h52M164 236h62" stroke="{dark}" stroke-width="5"/>'
    ),
    "pouch2": (
        '<path d="M132 128h136l10 176a10 10 0 0 1-10 10H132a10 10 0 0 1-10-10z" fill="{p}"/>'
        '<path d="M132 128l8-34h120l8 34z" fill="{dark}"/>'
        '<circle cx="200" cy="216" r="42" fill="{light}"/>'
        '<path d="M176 208h48M182 224h36" stroke="{dark}" stroke-width="5"/>'
    ),
    "tote": (
        '<path d="M140 170c0-70 18-96 60-96s60 26 60 96" fill="none" stroke="{dark}" '
        'stroke-width="11"/>'
        '<path d="M100 160h200l14 158a8 8 0 0 1-8 8H94a8 8 0 0 1-8-8z" fill="{p}"/>'
        '<path d="M100 160h200l1.5 16H98.5z" fill="{dark}"/>'
    ),
    "washbag": (
        '<path d="M86 176q0-38 40-38h148q40 0 40 38v88q0 26-26 26H112q-26 0-26-26z" '
        'fill="{p}"/>'
        '<path d="M92 178h216" stroke="{dark}" stroke-width="8"/>'
        '<path d="M92 178h216" stroke="{light}" stroke-width="2.5" stroke-dasharray="5 5"/>'
        '<rect x="286" y="172" width="14" height="40" rx="4" fill="{dark}"/>'
    ),
    "bowl": (
        '<ellipse cx="200" cy="166" rx="134" ry="30" fill="{dark}"/>'
        '<path d="M66 166c0 82 52 134 134 134s134-52 134-134a134 30 0 0 1-268 0z" '
        'fill="{p}"/>'
        '<path d="M158 296h84l8 22H150z" fill="{dark}"/>'
    ),
    "cups": (
        "<g>"
        '<path d="M74 150h104v70q0 52-52 52t-52-52z" fill="{p}"/>'
        '<path d="M178 168q36 0 36 28t-40 28" fill="none" stroke="{dark}" stroke-width="11"/>'
        '<ellipse cx="126" cy="150" rx="52" ry="12" fill="{dark}"/>'
        "</g>"
        "<g>"
        '<path d="M214 196h104v70q0 52-52 52t-52-52z" fill="{q}"/>'
        '<path d="M318 214q36 0 36 28t-40 28" fill="none" stroke="{dark}" stroke-width="11"/>'
        '<ellipse cx="266" cy="196" rx="52" ry="12" fill="{dark}"/>'
        "</g>"
    ),
    "bottle": (
        '<path d="M178 62h44v62q0 16 20 34 16 14 16 40v126a10 10 0 0 1-10 10H152a10 10 0 0 '
        '1-10-10V198q0-26 16-40 20-18 20-34z" fill="{dark}"/>'
        '<rect x="142" y="206" width="116" height="92" fill="{p}"/>'
        '<rect x="172" y="52" width="56" height="22" rx="3" fill="{mid}"/>'
    ),
    "notebook": (
        '<path d="M118 78h176a8 8 0 0 1 8 8v228a8 8 0 0 1-8 8H118z" fill="{p}"/>'
        '<path d="M98 78h36v244H98z" fill="{dark}"/>'
        '<path d="M116 96v208" stroke="{light}" stroke-width="3" stroke-dasharray="16 9"/>'
        '<rect x="176" y="128" width="88" height="48" fill="{light}"/>'
        '<path d="M188 146h64M188 160h40" stroke="{dark}" stroke-width="4"/>'
    ),
    "candles": (_CANDLES + '<path d="M80 300h240v22H80z" fill="{dark}"/>'),
    "soap": (
        '<rect x="78" y="222" width="166" height="84" rx="16" fill="{p}"/>'
        '<rect x="160" y="156" width="166" height="84" rx="16" fill="{q}"/>'
        '<rect x="92" y="96" width="166" height="78" rx="16" fill="{p}"/>'
        '<rect x="122" y="120" width="106" height="30" rx="6" fill="none" stroke="{light}" '
        'stroke-width="4"/>'
    ),
    "parcel": (
        '<path d="M92 128h216v184H92z" fill="{p}"/>'
        '<path d="M92 128h216v44H92z" fill="{dark}"/>'
        '<path d="M200 128v184" stroke="{light}" stroke-width="8"/>'
    ),
}


def silhouette(glyph: str, colours: Palette) -> str:
    """Return a silhouette in the colours of a palette."""
    return SHAPES[glyph].format(
        p="url(#p)", q="url(#q)", dark=colours.dark, mid=colours.mid, light=colours.light
    )

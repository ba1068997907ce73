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
    "apron": (
        '<path d="M158 88q42 34 84 0" fill="none" stroke="{dark}" stroke-width="9"/>'
        '<path d="M158 84h84q2 58 58 74v152a10 10 0 0 1-10 10H110a10 10 0 0 1-10-10V158q56-16 '
        '58-74z" fill="{p}"/>'
        '<path d="M100 172l-34 30M300 172l34 30" stroke="{dark}" stroke-width="9"/>'
        '<rect x="146" y="206" width="108" height="66" rx="4" fill="{dark}"/>'
        '<path d="M146 222h108" stroke="{light}" stroke-width="2.5" stroke-dasharray="5 5"/>'
    ),
    "roll": (
        '<rect x="70" y="142" width="238" height="140" rx="8" fill="{p}"/>'
        '<path d="M104 142V112m40 30V96m40 46V110m40 32V100" stroke="{dark}" stroke-width="14"/>'
        '<path d="M104 196v86m40-86v86m40-86v86m40-86v86M70 196h238" stroke="{light}" '
        'stroke-width="2.5" stroke-dasharray="6 5"/>'
        '<rect x="268" y="132" width="58" height="160" rx="29" fill="{dark}"/>'
        '<path d="M268 200h58" stroke="{light}" stroke-width="9"/>'
    ),
    "sack": (
        '<path d="M118 128q82 22 164 0l28 158q4 34-30 34H120q-34 0-30-34z" fill="{p}"/>'
        '<path d="M128 84q72 20 144 0l-16 52q-56 14-112 0z" fill="{q}"/>'
        '<path d="M138 132q62 16 124 0" fill="none" stroke="{dark}" stroke-width="10"/>'
        '<path d="M206 140l22 50m-26-48l-8 46" stroke="{dark}" stroke-width="5"/>'
    ),
    "cushion": (
        '<path d="M84 112q116 22 232 0-22 94 0 188-116-22-232 0 22-94 0-188z" fill="{p}"/>'
        '<path d="M104 132q96 16 192 0-16 74 0 148-96-16-192 0 16-74 0-148z" fill="none" '
        'stroke="{dark}" stroke-width="4" stroke-dasharray="10 7"/>'
    ),
    "jar": (
        '<path d="M124 136h152q18 12 18 38v130a18 18 0 0 1-18 18H124a18 18 0 0 1-18-18V174q0-26 '
        '18-38z" fill="{mid}"/>'
        '<rect x="106" y="192" width="188" height="86" fill="{p}"/>'
        '<rect x="116" y="92" width="168" height="44" rx="8" fill="{dark}"/>'
        '<path d="M116 114h168" stroke="{light}" stroke-width="3"/>'
    ),
    "jug": (
        '<path d="M266 150q68-6 68 58t-74 66" fill="none" stroke="{dark}" stroke-width="17"/>'
        '<path d="M118 92l-22-14q60 10 164 4l-8 46q36 40 36 96 0 66-40 96H138q-40-30-40-96 '
        '0-62 28-96z" fill="{p}"/>'
        '<path d="M126 128h126M110 280h168" stroke="{dark}" stroke-width="8"/>'
    ),
    "tin": (
        '<path d="M88 168v116q0 38 112 38t112-38V168z" fill="{p}"/>'
        '<path d="M84 138v34q0 38 116 38t116-38v-34z" fill="{dark}"/>'
        '<ellipse cx="200" cy="138" rx="116" ry="36" fill="{mid}"/>'
        '<ellipse cx="200" cy="138" rx="72" ry="20" fill="none" stroke="{light}" '
        'stroke-width="4"/>'
    ),
    "sheets": (
        '<path d="M112 92h184v216H112z" fill="{mid}"/>'
        '<path d="M104 100h184v216H104z" fill="{light}"/>'
        '<path d="M96 108h184v214H96z" fill="{p}"/>'
        '<path d="M96 108h184v28H96z" fill="{dark}"/>'
        '<rect x="140" y="186" width="96" height="58" fill="{light}"/>'
        '<path d="M154 206h68M154 224h44" stroke="{dark}" stroke-width="4"/>'
    ),
    "ribbons": (
        '<path d="M98 82h52v214l-26-24-26 24z" fill="{p}"/>'
        '<path d="M174 98h52v214l-26-24-26 24z" fill="{q}"/>'
        '<path d="M250 82h52v214l-26-24-26 24z" fill="{p}"/>'
        '<path d="M98 98h52m24 16h52m24-16h52" stroke="{dark}" stroke-width="7"/>'
    ),
    "duffel": (
        '<path d="M136 176q0-64 64-64t64 64" fill="none" stroke="{dark}" stroke-width="11"/>'
        '<rect x="54" y="172" width="292" height="146" rx="58" fill="{p}"/>'
        '<path d="M110 172q-30 73 0 146M290 172q30 73 0 146" fill="none" stroke="{dark}" '
        'stroke-width="10"/>'
        '<path d="M130 194h140" stroke="{light}" stroke-width="4" stroke-dasharray="7 5"/>'
    ),
    "tealights": "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="46" ry="15" fill="{{light}}"/>'
        f'<path d="M{x - 46} {y}v34q0 15 46 15t46-15v-34q0 15-46 15t-46-15z" fill="{{{fill}}}"/>'
        f'<path d="M{x} {y}v-24" stroke="{{dark}}" stroke-width="4"/>'
        for x, y, fill in (
            (132, 144, "q"),
            (268, 144, "p"),
            (96, 250, "p"),
            (200, 264, "q"),
            (304, 250, "p"),
        )
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

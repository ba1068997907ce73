"""Woven cloth from real drafts, and other fills: tiles, panels, grain, waves."""

from marketplace.look.patterns.ground import PALETTES, Dice, Palette, svg

Cells = set[tuple[int, int]]

SIDE = 16
TWILL, STEEP, BASKET, PLAIN, DENSE = range(5)
TIE_UPS = (
    ((1, 0, 0, 1), (1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1)),
    ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)),
    ((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 1, 1)),
    ((1, 0, 1, 0), (0, 1, 0, 1), (1, 0, 1, 0), (0, 1, 0, 1)),
    ((1, 1, 1, 0), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1)),
)
STRAIGHT = (0, 1, 2, 3) * 4
POINTED = (0, 1, 2, 3) * 2 + (3, 2, 1, 0) * 2
ORDERS = (
    STRAIGHT,
    POINTED,
    (0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 3, 2, 1),
    (0, 1, 2, 3, 0, 1, 2, 3, 2, 1, 0, 3, 2, 1, 0, 3),
    (0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 2, 2, 1, 1, 0, 0),
)


def _runs(cells: Cells) -> str:
    """Return squares as one path of horizontal runs."""
    path: list[str] = []
    for y in sorted({y for _x, y in cells}):
        row = sorted(x for x, at in cells if at == y)
        start = before = row[0]
        for x in [*row[1:], None]:
            if x != before + 1:
                width = before - start + 1
                path.append(f"M{start} {y}h{width}v1h-{width}z")
                start = x if x is not None else start
            before = x if x is not None else before
    return "".join(path)


def _pattern(pid: str, side: float, transform: str, body: str) -> str:
    return (
        f'<pattern id="{pid}" width="{side:g}" height="{side:g}" patternUnits="userSpaceOnUse" '
        f'patternTransform="{transform}">{body}</pattern>'
    )


def weave(pid: str, dice: Dice, colours: Palette) -> str:
    """Return a cloth: threading, treadling and tie-up decide which thread lies on top."""
    threading, treadling, tie_up = dice.pick(ORDERS), dice.pick(ORDERS), dice.pick(TIE_UPS)
    stripe = dice.pick((0, 0, 2, 1))
    check = 0 if stripe else dice.pick((0, 0, 2))
    layers: dict[str, Cells] = {}
    for y in range(SIDE):
        for x in range(SIDE):
            warp = colours.mid if stripe and (x // stripe) % 2 else colours.dark
            weft = colours.mid if check and (y // check) % 2 else colours.light
            on_top = warp if tie_up[treadling[y]][threading[x]] else weft
            layers.setdefault(on_top, set()).add((x, y))
    base = max(layers, key=lambda colour: len(layers[colour]))
    body = f'<path fill="{base}" d="M0 0h16v16H0z"/>' + "".join(
        f'<path fill="{colour}" d="{_runs(cells)}"/>'
        for colour, cells in layers.items()
        if colour != base
    )
    return _pattern(pid, SIDE, "scale(4)", body)


def _whole_cloth(pid: str, dice: Dice, colours: Palette) -> str:
    """Return a calmer cloth: point twill in two shades with a fine stripe in the weft."""
    treadling = dice.pick((STRAIGHT, POINTED, ((0, 1, 2, 3, 3, 2, 1, 0) * 2)))
    tie_up = TIE_UPS[dice.pick((TWILL, STEEP, DENSE))]
    raised = {(x, y) for y in range(SIDE) for x in range(SIDE) if tie_up[treadling[y]][POINTED[x]]}
    stripe = {(x, y) for x, y in raised if y < 2}
    body = (
        f'<path fill="{colours.light}" d="M0 0h16v16H0z"/>'
        f'<path fill="{colours.dark}" d="{_runs(raised - stripe)}"/>'
        f'<path fill="{colours.mid}" d="{_runs(stripe)}"/>'
    )
    return _pattern(pid, SIDE, "scale(4)", body)


def tile(pid: str, dice: Dice, colours: Palette) -> str:
    """Return glazed tiles."""
    radius = dice.pick((18, 22, 14, 25))
    rest, half = 50 - radius, radius / 2
    body = (
        f'<path fill="{colours.light}" d="M0 0h50v50H0z"/>'
        f'<path fill="{colours.dark}" d="M0 0h{radius}A{radius} {radius} 0 0 1 0 {radius}z'
        f"M50 0v{radius}A{radius} {radius} 0 0 1 {rest} 0zM0 50v-{radius}"
        f"A{radius} {radius} 0 0 1 {radius} 50zM50 50h-{radius}"
        f'A{radius} {radius} 0 0 1 50 {rest}z"/>'
        f'<path fill="{colours.mid}" d="M25 {25 - half:g}L{25 + half:g} 25 25 {25 + half:g} '
        f'{25 - half:g} 25z"/><circle cx="25" cy="25" r="{radius / 5:.1f}" '
        f'fill="{colours.light}"/>'
    )
    return _pattern(pid, 50, "scale(.88)", body)


def panel(pid: str, dice: Dice, colours: Palette) -> str:
    """Return sewn panels of sailcloth."""
    width, angle = dice.pick((46, 58, 70)), dice.pick((-18, -8, 12, 22))
    side = width * 3
    body = (
        f'<path fill="{colours.light}" d="M0 0h{side}v{side}H0z"/>'
        f'<path fill="{colours.dark}" d="M0 0h{side}v{width}H0z"/>'
        f'<path fill="{colours.mid}" d="M0 {width}h{side}v{width * 0.35:.1f}H0z"/>'
        f'<path stroke="{colours.ground}" stroke-width="1.6" stroke-dasharray="5 4" fill="none" '
        f'd="M0 {width + 3}h{side}M0 {width * 2}h{side}M{width * 1.4:.1f} 0v{side}"/>'
    )
    return _pattern(pid, side, f"rotate({angle})", body)


def grain(pid: str, dice: Dice, colours: Palette) -> str:
    """Return beans and seeds."""
    seeds = []
    for place in range(9):
        x = place % 3 * 20 + dice.between(4, 16)
        y = place // 3 * 20 + dice.between(4, 16)
        fill = colours.dark if place % 2 else colours.mid
        seeds.append(
            f'<g transform="translate({x:.1f} {y:.1f}) rotate({dice.below(180)})">'
            f'<ellipse rx="7.6" ry="5.2" fill="{fill}"/><path d="M-6 0q3-2.4 6 0t6 0" '
            f'fill="none" stroke="{colours.light}" stroke-width="1.1"/></g>'
        )
    body = f'<path fill="{colours.light}" d="M0 0h60v60H0z"/>{"".join(seeds)}'
    return _pattern(pid, 60, "scale(1)", body)


def wave(pid: str, dice: Dice, colours: Palette) -> str:
    """Return marbled waves."""
    width, height = dice.pick((28, 36, 44)), dice.pick((9, 12))
    swing = f"q{width / 4:g} {-height / 1.4:.1f} {width / 2:g} 0t{width / 2:g} 0"
    body = (
        f'<path fill="{colours.mid}" d="M0 0h{width}v{height * 2}H0z"/>'
        f'<path fill="none" stroke="{colours.dark}" stroke-width="2.6" '
        f'd="M0 {height / 2:g}{swing}"/>'
        f'<path fill="none" stroke="{colours.light}" stroke-width="2.6" '
        f'd="M0 {height * 1.5:g}{swing}"/>'
    )
    return (
        f'<pattern id="{pid}" width="{width}" height="{height * 2}" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate({dice.pick((0, 0, 90, 45))})">'
        f"{body}</pattern>"
    )


def cloth(name: str, palette: str) -> str:
    """Return a company's whole cloth, as a wide band."""
    colours, width, height = PALETTES[palette], 1600, 520
    fill = _whole_cloth("p", Dice(f"cloth|{name}"), colours)
    return svg(
        width,
        height,
        f'<defs>{fill}</defs><path fill="url(#p)" d="M0 0h{width}v{height}H0z"/>',
    )

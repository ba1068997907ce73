"""Land: a contour map for a project without a photo, ridges for a band, the paved causeway."""

import math
from collections.abc import Iterator

from marketplace.look.patterns.ground import PALETTES, Dice, palette_name, ramp, svg

Point = tuple[int, int]
Field = list[list[float]]
Stone = tuple[float, str, str]

LIT = "#F4BE3D"
"""Lichen: the one place in all art where it stands, because it means routed money here too."""

JOINT = 4

COLUMNS, ROWS, LEVELS, WIDTH, HEIGHT = 34, 26, 15, 800, 600
SHORTEST = 5
"""Points of a line; a shorter one is a speck."""

EDGE = -9.0
"""Below everything: contours close at the border of the map."""

# Which sides of a cell a contour crosses, by which of its corners lie above: a marching square.
# Sides: 0 top, 1 right, 2 bottom, 3 left.
CROSSINGS: dict[int, list[tuple[int, int]]] = {
    1: [(2, 3)],
    2: [(1, 2)],
    3: [(1, 3)],
    4: [(0, 1)],
    5: [(0, 3), (2, 1)],
    6: [(0, 2)],
    7: [(0, 3)],
    8: [(3, 0)],
    9: [(2, 0)],
    10: [(3, 2), (1, 0)],
    11: [(1, 0)],
    12: [(3, 1)],
    13: [(2, 1)],
    14: [(3, 2)],
}


def topo(name: str) -> str:
    """Return a contour map: a sum of eleven hills and hollows, cut at fifteen levels."""
    dice, colours = Dice(f"topo|{name}"), PALETTES[palette_name(name)]
    field = _field(dice)
    inside = sorted(value for row in field for value in row if value != EDGE)
    shades = ramp([colours.ground, colours.light, colours.mid], LEVELS + 1)
    body = [f'<path fill="{shades[0]}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>']
    for level in range(1, LEVELS + 1):
        height = inside[int(len(inside) * level / (LEVELS + 1))]
        heavy = level % 5 == 0
        body.append(
            f'<path fill="{shades[level]}" fill-rule="evenodd" stroke="{colours.dark}" '
            f'stroke-opacity="{".75" if heavy else ".38"}" stroke-width="{2 if heavy else 1}" '
            f'd="{"".join(_smooth(line) for line in _contours(field, height))}"/>'
        )
    x, y = dice.between(0.34, 0.66) * WIDTH, dice.between(0.34, 0.62) * HEIGHT
    return svg(WIDTH, HEIGHT, "".join(body) + _grid() + _stone(x, y, colours.dark))


def _field(dice: Dice) -> Field:
    hills = [
        (
            dice.between(-0.05, 1.05),
            dice.between(-0.05, 1.05),
            dice.between(0.09, 0.26),
            dice.between(0.35, 1) * (1 if dice.below(3) else -0.8),
        )
        for _ in range(11)
    ]

    def height(u: float, v: float) -> float:
        swell = 0.25 * math.sin(3.1 * u + 2 * v + hills[0][0] * 6)
        return swell + sum(
            rise * math.exp(-(((u - x) * WIDTH / HEIGHT) ** 2 + (v - y) ** 2) / (2 * r * r))
            for x, y, r, rise in hills
        )

    return [
        [
            EDGE
            if column in (0, COLUMNS) or row in (0, ROWS)
            else height(_place(column, COLUMNS), _place(row, ROWS))
            for column in range(COLUMNS + 1)
        ]
        for row in range(ROWS + 1)
    ]


def _place(index: int, count: int) -> float:
    """Return where a grid line lies, from a little before the map to a little after it."""
    return (index - 1) / (count - 2) * 1.06 - 0.03


def _contours(field: Field, height: float) -> Iterator[list[Point]]:
    """Join the crossings of all cells into closed lines."""
    follows: dict[Point, list[Point]] = {}
    for row in range(ROWS):
        for column in range(COLUMNS):
            for start, end in _crossings(field, column, row, height):
                if start != end:
                    follows.setdefault(start, []).append(end)
    while follows:
        line = _line(follows, next(iter(follows)))
        if len(line) >= SHORTEST:
            yield line


def _line(follows: dict[Point, list[Point]], first: Point) -> list[Point]:
    """Take the pieces from `first` on out of `follows`, until they close or end."""
    line = [first]
    while line[-1] in follows:
        onward = follows[line[-1]].pop()
        if not follows[line[-1]]:
            del follows[line[-1]]
        line.append(onward)
        if onward == first:
            break
    return line


def _crossings(field: Field, column: int, row: int, height: float) -> list[tuple[Point, Point]]:
    corners = ((column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1))
    above = [field[y][x] > height for x, y in corners]
    case = above[0] * 8 + above[1] * 4 + above[2] * 2 + above[3]

    def cut(side: int) -> Point:
        (x0, y0), (x1, y1) = corners[side], corners[(side + 1) % 4]
        low, high = field[y0][x0], field[y1][x1]
        part = max(0.02, min(0.98, (height - low) / (high - low)))
        u = _place(x0, COLUMNS) + (_place(x1, COLUMNS) - _place(x0, COLUMNS)) * part
        v = _place(y0, ROWS) + (_place(y1, ROWS) - _place(y0, ROWS)) * part
        return round(u * WIDTH), round(v * HEIGHT)

    return [(cut(start), cut(end)) for start, end in CROSSINGS.get(case, [])]


def _smooth(line: list[Point]) -> str:
    """Return a closed curve through the middles of a line's pieces."""
    points = line[:-1] if line[0] == line[-1] else line
    points = points[::2] if len(points) > 14 else points
    x, y = _middle(points[-1], points[0])
    path = [f"M{x:.0f} {y:.0f}"]
    for here, onward in zip(points, [*points[1:], points[0]], strict=True):
        x, y = _middle(here, onward)
        path.append(f"Q{here[0]} {here[1]} {x:.0f} {y:.0f}")
    return "".join(path) + "z"


def _middle(one: Point, other: Point) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _grid() -> str:
    step = WIDTH / 6
    lines = "".join(f"M{step * k:.0f} 0v{HEIGHT}" for k in range(1, 6))
    lines += "".join(f"M0 {step * k:.0f}h{WIDTH}" for k in range(1, int(HEIGHT / step) + 1))
    return f'<path stroke="#fff" stroke-opacity=".55" stroke-width="1.2" fill="none" d="{lines}"/>'


def _stone(x: float, y: float, colour: str) -> str:
    return (
        f'<g transform="translate({x:.0f} {y:.0f})"><circle r="26" fill="#fff" fill-opacity=".9"/>'
        f'<rect x="-9" y="-9" width="18" height="18" rx="3" fill="{colour}"/></g>'
    )


def setts(name: str) -> str:
    """Return a band of paving stones, one of them lit: the part of the price that leaves."""
    width, height, rows = 1600, 84, 2
    stones = [
        stone
        for stones in _courses(Dice(f"setts|{name}"), width, height // rows, rows)
        for stone in stones
    ]
    lit = next(place for place, (x, _, _) in enumerate(stones) if width / 2 < x < 0.62 * width)
    drawn = "".join(
        f'<path fill="{LIT if place == lit else shade}" d="{path}"/>'
        for place, (_, shade, path) in enumerate(stones)
    )
    return svg(width, height, drawn)


def _courses(dice: Dice, width: int, high: int, rows: int) -> Iterator[list[Stone]]:
    """Yield rows of stones: where each begins, its shade and its outline."""
    shades = ramp([PALETTES["slate"].light, PALETTES["slate"].mid], 5)
    for row in range(rows):
        x, course = -dice.between(0, 30), list[Stone]()
        while x < width:
            across = dice.between(0.9, 1.9) * high
            shade = dice.pick(shades)
            course.append((x, shade, _sett(x, row * high, across, high)))
            x += across
        yield course


def _sett(x: float, y: float, across: float, high: float) -> str:
    """Return the outline of a stone with barely rounded corners, a joint away from its like."""
    wide, tall = across - JOINT - 6, high - JOINT - 6
    return (
        f"M{x + JOINT / 2 + 3:.0f} {y + JOINT / 2:.0f}h{wide:.0f}q3 0 3 3v{tall:.0f}"
        f"q0 3-3 3h-{wide:.0f}q-3 0-3-3v-{tall:.0f}q0-3 3-3z"
    )

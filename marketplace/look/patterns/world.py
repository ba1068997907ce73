"""The lands of the world in a few hundred strokes of our own, with one stone at a place."""

from marketplace.look.patterns.ground import PALETTES, svg

WIDTH, NORTH, SOUTH = 800, 78, -57
SCALE = WIDTH / 360
HEIGHT = round((NORTH - SOUTH) * SCALE)
STEP = 30
"""Degrees between the lines of the grid."""

# Longitude and latitude of corners, drawn by eye: a sketch, no survey and no border.
LANDS = """
# North and Middle America
-166 66 -156 71 -141 70 -128 70 -115 68 -95 72 -82 73 -78 69 -94 61 -93 58 -82 55 -79 52 -78 58
-74 62 -65 58 -56 52 -66 49 -60 46 -70 43 -74 40 -76 35 -81 31 -80 26 -82 29 -90 30 -97 26 -97
20 -91 18 -87 21 -88 16 -83 15 -82 9 -77 8 -80 7 -86 11 -95 15 -105 20 -109 25 -114 31 -110 23
-117 33 -124 40 -124 48 -132 56 -146 61 -158 57 -165 61

# South America
-77 8 -72 12 -62 11 -52 5 -44 -2 -35 -6 -39 -15 -42 -23 -48 -27 -53 -34 -58 -38 -65 -42 -66 -48
-69 -53 -74 -51 -74 -40 -71 -30 -70 -18 -76 -14 -81 -5 -80 1

# Africa
-17 21 -13 28 -6 35 10 37 11 33 20 31 32 31 35 27 39 18 43 12 51 12 48 5 41 -3 40 -12 35 -20 33
-27 26 -34 18 -34 12 -18 13 -8 9 0 9 4 4 6 -8 4 -13 9 -17 14

# Europe and Asia
-9 37 -9 43 -1 44 -4 48 4 52 8 54 8 57 11 59 5 59 6 62 14 68 25 71 40 67 34 65 44 66 46 68 60 69
68 69 72 73 87 75 104 77 113 74 130 72 141 73 160 70 178 69 178 65 170 60 162 58 162 54 157 51
156 58 162 62 153 59 142 59 135 54 141 50 135 43 129 40 129 35 126 35 125 39 121 40 118 38 122
37 119 34 122 30 118 24 110 21 106 20 109 13 105 9 100 13 103 2 98 9 98 16 94 16 91 22 87 21 80
14 78 8 73 17 71 21 67 25 57 26 51 29 48 30 51 25 56 25 59 22 52 16 43 13 39 21 35 28 34 31 36
36 28 37 27 40 23 40 24 37 22 37 19 42 13 46 16 41 18 40 16 38 10 44 3 43 0 40 -2 37

# Greenland, Iceland, Britain, Ireland
-55 60 -44 60 -22 70 -20 77 -60 78 -68 76 -54 70

-24 65 -18 66 -14 65 -19 63

-5 50 1 51 0 53 -2 56 -3 59 -6 57 -3 54 -5 52

-10 52 -6 52 -6 55 -10 54

# Madagascar, Sri Lanka, Japan, the Philippines, Formosa
44 -25 47 -25 50 -16 49 -12 44 -17

80 9 82 7 80 6

130 32 136 34 140 36 142 40 145 43 141 45 140 40 136 36 130 34

120 18 122 17 126 8 123 8 120 14

120 23 121 25 122 25 121 22

# Sumatra, Java, Borneo, Sulawesi, New Guinea
95 5 104 -2 106 -6 101 -3

105 -6 114 -8 114 -9 106 -8

109 1 117 7 119 5 116 -4 110 -3

119 1 125 2 121 -1 123 -5 120 -5

131 -1 141 -3 151 -10 143 -9 138 -8 133 -4

# Australia, Tasmania, New Zealand
114 -22 122 -18 130 -12 136 -12 136 -15 140 -17 142 -11 146 -19 153 -25 153 -31 150 -37 141 -38
135 -34 129 -32 118 -35 115 -33

145 -41 148 -41 147 -43

173 -35 178 -38 175 -41 173 -41 171 -44 168 -47 167 -45 172 -41 175 -39

# Cuba, Hispaniola, Newfoundland, Baffin, Victoria, Novaya Zemlya
-85 22 -75 20 -77 20

-74 20 -68 19 -72 18

-59 48 -53 47 -56 51

-80 73 -68 70 -62 66 -65 63 -73 66 -88 71

-117 71 -105 73 -102 69 -115 69

52 71 57 76 68 77 56 71
"""


def world(latitude: float, longitude: float) -> str:
    """Return the lands of the world with a stone at a place, in degrees."""
    colours = PALETTES["tidal"]
    x, y = _place(longitude, min(max(latitude, SOUTH), NORTH))
    drawn = "\n".join(line for line in LANDS.splitlines() if not line.startswith("#"))
    lands = "".join(_outline(land) for land in drawn.split("\n\n"))
    body = (
        f'<path fill="{colours.ground}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>'
        f'<path fill="{colours.mid}" d="{lands}"/>{_grid()}'
        f'<g transform="translate({x} {y})"><circle r="17" fill="#fff" fill-opacity=".9"/>'
        f'<rect x="-6" y="-6" width="12" height="12" rx="2" fill="{colours.dark}"/></g>'
    )
    return svg(WIDTH, HEIGHT, body)


def _place(longitude: float, latitude: float) -> tuple[int, int]:
    return round((longitude + 180) * SCALE), round((NORTH - latitude) * SCALE)


def _outline(land: str) -> str:
    numbers = [int(part) for part in land.split()]
    corners = [_place(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
    return "M" + "L".join(f"{x} {y}" for x, y in corners) + "z"


def _grid() -> str:
    down = "".join(f"M{_place(degrees, 0)[0]} 0v{HEIGHT}" for degrees in range(-150, 180, STEP))
    across = "".join(f"M0 {_place(0, degrees)[1]}h{WIDTH}" for degrees in range(-30, 78, STEP))
    return f'<path stroke="#fff" stroke-opacity=".45" fill="none" d="{down}{across}"/>'


def parse_place(latitude: str, longitude: str) -> tuple[float, float] | None:
    """Read a place from an address: tenths of degrees from the south pole and the date line."""
    if not (latitude.isdecimal() and longitude.isdecimal()):
        return None
    north, east = int(latitude) / 10 - 90, int(longitude) / 10 - 180
    return (north, east) if north <= 90 and east <= 180 else None


def place_parts(latitude: float, longitude: float) -> tuple[str, str]:
    """Return a place as an address has it."""
    return str(round((latitude + 90) * 10)), str(round((longitude + 180) * 10))

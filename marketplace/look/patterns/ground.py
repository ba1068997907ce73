"""What every drawing stands on: a source of choices that follows from a name, and the palettes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Palette:
    """Four colours; lichen yellow is in none, for yellow means routed money."""

    ground: str
    dark: str
    mid: str
    light: str


PALETTES = {
    "tidal": Palette("#DCE7E4", "#0E4A54", "#5F9C9B", "#B5D0CA"),
    "madder": Palette("#F2E1D7", "#8A3A2D", "#C4735A", "#E4BBA6"),
    "samphire": Palette("#E5EBD8", "#40602E", "#839E63", "#C1D0A5"),
    "heather": Palette("#E7E2EC", "#4C4172", "#8B7EB0", "#C4BCD8"),
    "slate": Palette("#E3E8E8", "#2C3E46", "#6D848B", "#B6C3C5"),
    "flax": Palette("#EFE8D8", "#6B5837", "#A8926A", "#D3C5A3"),
}

BACKDROPS = {
    # a figure's palette: walls and floors that sit well behind it
    "tidal": [("#EFE8D8", "#DDD0B4"), ("#F2E1D7", "#E6C9B8"), ("#DCE7E4", "#C3D9D4")],
    "madder": [("#E3E8E8", "#C9D3D5"), ("#EFE8D8", "#DDD0B4"), ("#DCE7E4", "#C3D9D4")],
    "samphire": [("#EFE8D8", "#DDD0B4"), ("#E3E8E8", "#C9D3D5"), ("#F2E1D7", "#E6C9B8")],
    "heather": [("#E5EBD8", "#CDD8B8"), ("#EFE8D8", "#DDD0B4"), ("#E7E2EC", "#D2CADF")],
    "slate": [("#F2E1D7", "#E6C9B8"), ("#E5EBD8", "#CDD8B8"), ("#EFE8D8", "#DDD0B4")],
    "flax": [("#DCE7E4", "#C3D9D4"), ("#E7E2EC", "#D2CADF"), ("#E3E8E8", "#C9D3D5")],
}


class Dice:
    """Throws that follow from a seed: SHA-256, thirty-two bytes at a time."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._round = 0
        self._bytes = list(hashlib.sha256(seed.encode()).digest())

    def _byte(self) -> int:
        if not self._bytes:
            self._round += 1
            self._bytes = list(hashlib.sha256(f"{self._seed}#{self._round}".encode()).digest())
        return self._bytes.pop(0)

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` to `high`."""
        return low + (high - low) * ((self._byte() << 8 | self._byte()) / 65535)

    def below(self, count: int) -> int:
        """Return a whole number from 0 to `count` - 1."""
        return self._byte() % count

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of some things."""
        return choices[self.below(len(choices))]


def palette_name(name: str) -> str:
    """Return the palette that a name falls on, where none was assigned."""
    return list(PALETTES)[hashlib.sha256(name.encode()).digest()[0] % len(PALETTES)]


def ramp(stops: Sequence[str], count: int) -> list[str]:
    """Return colours from the first stop almost to the last."""
    colours: list[str] = []
    for step in range(count):
        way = step / (count - 1) * (len(stops) - 1) * 0.86
        stop = min(int(way), len(stops) - 2)
        pairs = zip(_rgb(stops[stop]), _rgb(stops[stop + 1]), strict=True)
        mixed = [round(low + (high - low) * (way - stop)) for low, high in pairs]
        colours.append("#{:02X}{:02X}{:02X}".format(*mixed))
    return colours


def _rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def svg(width: int, height: int, body: str) -> str:
    """Return a whole picture."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{body}</svg>'
    )

"""Contrast as WCAG 2.2 counts it, over the colours that the style sheet itself names."""

import re

Pair = tuple[str, str]
"""A colour in the light and in the dark."""

TOKEN = re.compile(
    r"--([\w-]+):\s*(?:light-dark\((#[0-9A-Fa-f]{6}),\s*(#[0-9A-Fa-f]{6})\)|(#[0-9A-Fa-f]{6}))"
)

TEXT, GRAPHIC = 4.5, 3.0

NEEDED: tuple[tuple[str, str, float], ...] = (
    # what, on what, at least
    *(
        (ink, ground, TEXT)
        for ink in ("ink", "ink-2", "link")
        for ground in ("paper", "sand", "tint")
    ),
    ("ink", "sheet", TEXT),
    ("ink-2", "sheet", TEXT),
    ("ink-3", "paper", TEXT),
    ("ink-3", "sand", TEXT),
    ("on-tide", "tide", TEXT),
    ("on-tide", "tide-press", TEXT),
    ("tide", "paper", TEXT),
    ("tide", "sand", TEXT),
    ("on-lichen", "lichen", TEXT),
    ("ink", "held-bg", TEXT),
    *((word, ground, TEXT) for word in ("good", "bad") for ground in ("paper", "sand")),
    ("good", "good-bg", TEXT),
    ("bad", "bad-bg", TEXT),
    ("ink", "good-bg", TEXT),
    ("ink", "bad-bg", TEXT),
    ("paper", "ink", TEXT),
    ("paper", "ink-2", TEXT),
    ("paper", "good", TEXT),
    *(
        (edge, ground, GRAPHIC)
        for edge in ("lichen-edge", "tide-mid", "spent")
        for ground in ("paper", "sand")
    ),
    *(("field", ground, GRAPHIC) for ground in ("paper", "sand", "sheet")),
    *(("focus", ground, GRAPHIC) for ground in ("paper", "sand", "tint", "sheet")),
)
"""Every pair that stands on a page, and the contrast that people need to see it."""


def tokens(css: str) -> dict[str, Pair]:
    """Return the colours that a style sheet names; one without a dark form is the same in both."""
    return {name: (light or both, dark or both) for name, light, dark, both in TOKEN.findall(css)}


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB`."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)

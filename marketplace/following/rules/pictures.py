"""How large a picture in a letter is."""

from collections.abc import Sequence

LETTER_WIDTH = 640
"""So wide is a picture in a letter at most: twice as dense as it is shown, or a little less."""


def letter_width(widths: Sequence[int]) -> int:
    """Return which of a photo's stored widths goes into letters."""
    return max((width for width in widths if width <= LETTER_WIDTH), default=min(widths))


def shown_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return width and height in which a picture is shown, neither longer than `longest`."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))

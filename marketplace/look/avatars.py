"""People without a photo: initials on one of six tones that follows from the name."""

import hashlib
from functools import lru_cache

from markupsafe import Markup

from marketplace.look.svg import element

TONES = 6


def initials(name: str) -> str:
    """Return the first letters of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


def tone(name: str) -> int:
    """Return a number from 0 to 5, the same for the same name."""
    return hashlib.sha256(name.encode()).digest()[0] % TONES


@lru_cache(maxsize=4096)
def avatar(name: str, cls: str = "") -> Markup:
    """Return a round sign for a person; the name stands beside it."""
    classes = f"avatar avatar--{tone(name)} {cls}".strip()
    return element("span", {"class": classes, "aria-hidden": "true"}, initials(name))

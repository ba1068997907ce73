"""Names in addresses: short, lower case, only letters, digits and single hyphens."""

import re
import unicodedata

LONGEST = 60
_APART = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th"}


def slug_of(text: str, *, fallback: str) -> str:
    """Return a slug for a title; `fallback` where none of its letters can be written in ASCII."""
    lowered = "".join(_APART.get(letter, letter) for letter in text.lower())
    plain = unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()
    words = re.sub(r"['’]", "", plain)
    slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-")
    if len(slug) > LONGEST:
        cut = slug[: LONGEST + 1]
        slug = cut[: cut.rfind("-")] if "-" in cut else slug[:LONGEST]
    return slug.strip("-") or fallback


def with_suffix(slug: str, identifier: str) -> str:
    """Return a slug that nothing else has: the end of an id makes it unique."""
    return f"{slug}-{identifier[-8:]}"

"""How products are found: the words of a search, the orders of a list, the way through it."""

import enum
import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches

LONGEST_QUERY = 100
MOST_WORDS = 8
LARGEST_KEY = 2**63 - 1
_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+")


class Sort(enum.StrEnum):
    """In which order products are listed."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "price-high"
    GIVES_MOST = "gives-most"


def sort_for(wanted: str, query: str) -> Sort:
    """Return the order that was asked for; without a search nothing is relevant to it."""
    default = Sort.RELEVANCE if query else Sort.NEWEST
    if wanted not in set(Sort):
        return default
    sort = Sort(wanted)
    return default if sort is Sort.RELEVANCE else sort


def plain_query(text: str) -> str:
    """Return what somebody typed on one line, cut at a length that nobody types by hand."""
    return " ".join(text.replace("\x00", " ").split())[:LONGEST_QUERY].strip()


def search_words(query: str) -> list[str]:
    """Return the words of a search in lower case; signs are not searched for."""
    return [word.lower() for word in _WORD.findall(query)][:MOST_WORDS]


def search_terms(query: str) -> str:
    """Return a tsquery that asks for every word and lets the last one be unfinished.

    Each word is quoted and has no quote in it, so that nothing typed is read as an operator.
    """
    words = search_words(query)
    terms = [f"'{word}'" for word in words]
    if words and not words[-1].isdigit():
        terms[-1] += ":*"
    return " & ".join(terms)


def _bare(word: str) -> str:
    """Return a word without accents, in lower case."""
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(part for part in parts if not unicodedata.combining(part))


def corrected(query: str, titles: Iterable[str]) -> str | None:
    """Return what was probably meant, in words that stand in `titles`; None if that is no help."""
    known = {_bare(word): word for title in titles for word in search_words(title)}
    asked = search_words(query)
    nearest = [get_close_matches(_bare(word), known, n=1, cutoff=0.6) for word in asked]
    meant = [known[match[0]] for match in nearest if match]
    if not meant or [_bare(word) for word in meant] == [_bare(word) for word in asked]:
        return None
    return " ".join(meant)


Position = tuple[int | datetime, uuid.UUID]
"""Where a page of a list begins: behind this key, and behind this product among equals."""


def position_of(sort: Sort, key: Sequence[object] | None) -> Position | None:
    """Return a decoded cursor as a position; None where it is none or was tampered with."""
    if key is None or len(key) != 2 or not isinstance(key[1], str):
        return None
    try:
        product = uuid.UUID(key[1])
        if sort is Sort.NEWEST:
            moment = datetime.fromisoformat(str(key[0]))
            return (moment, product) if moment.tzinfo else None
    except ValueError:
        return None
    value = key[0]
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST_KEY:
        return None
    return value, product

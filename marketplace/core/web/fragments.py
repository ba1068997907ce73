"""Parts of pages that hang on nothing but their values: drawn once, then kept in the process.

A list of two dozen cards is most of its page, and the same cards are shown again and again. What a
part shows has to be among its values, so there is nothing to invalidate: another value is another
part.
"""

from collections.abc import Callable, Hashable
from threading import Lock

from cachetools import LRUCache
from flask import Flask
from markupsafe import Markup

from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import path

MOST_KEPT = 4_096

_KEPT: LRUCache[tuple[Hashable, ...], Markup] = LRUCache(MOST_KEPT)
_LOCK = Lock()


def drawn(name: str, draw: Callable[..., Markup], *values: Hashable) -> Markup:
    """Return what a macro makes of these values in the page's language; `name` tells macros apart.

    The macro may look at nothing else: not at the request, nor at the page around it.
    """
    key = (name, current_language(), path(""), *values)
    with _LOCK:
        kept = _KEPT.get(key)
    if kept is None:
        kept = draw(*values)
        with _LOCK:
            _KEPT[key] = kept
    return kept


def init_app(app: Flask) -> None:
    """Give it to the templates."""
    app.jinja_env.globals["drawn"] = drawn

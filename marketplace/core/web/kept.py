"""Public pages kept ready for some seconds, for visitors of whom nothing is known.

It does what a cache in front of the site would do: of many who ask for one page in the same second,
the first has it made. Without any cookie a page that says `public` is one that everybody would get
alike. Some cookies say of a visitor only what stands on every page, such as how many pieces are in
the basket: those who have no others share the pages of those who show the same. Everything that
knows more says so (`is_personal`), and passes by.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from cachetools import TTLCache
from flask import Flask, g, request
from werkzeug.wrappers import Response

from marketplace.core.web.headers import encoding_wanted
from marketplace.core.web.languages import current_language

MOST_BYTES = 8 * 1024 * 1024
"""So much a process keeps; the oldest pages go first."""
OVERHEAD_BYTES = 2_000


@dataclass(frozen=True)
class Kept:
    """A finished answer."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


Shown = Mapping[str, Callable[[str], str]]
"""Cookies that anybody may have, and what of their values stands on every page."""


def init_app(app: Flask, seconds: float, shown: Shown | None = None) -> None:
    """Keep public pages for so long; zero keeps nothing."""
    if seconds:
        pages = Pages(seconds, shown or {})
        app.before_request(pages.answer)
        app.after_request(pages.keep)


class Pages:
    """The answers that a process keeps."""

    def __init__(self, seconds: float, shown: Shown) -> None:
        self._shown = shown
        self._lock = Lock()
        self._kept: TTLCache[tuple[str, ...], Kept] = TTLCache(
            MOST_BYTES, seconds, monotonic, getsizeof=lambda page: len(page.body) + OVERHEAD_BYTES
        )

    def answer(self) -> Response | None:
        """Return a finished answer to this request, if there is one."""
        if not _asks_as_anybody(self._shown):
            return None
        with self._lock:
            page = self._kept.get(_name(self._shown))
        if page is None:
            return None
        g.is_kept = True
        response = Response(page.body, headers=list(page.headers))
        return response.make_conditional(request)

    def keep(self, response: Response) -> Response:
        """Keep an answer that others would get alike."""
        if g.get("is_kept") or not _asks_as_anybody(self._shown) or not _is_for_all(response):
            return response
        page = Kept(tuple(response.headers.items()), response.get_data())
        with self._lock:
            if len(page.body) < MOST_BYTES // 8:
                self._kept[_name(self._shown)] = page
        return response


def _asks_as_anybody(shown: Shown) -> bool:
    return (
        request.method == "GET"
        and request.cookies.keys() <= shown.keys()
        and "Authorization" not in request.headers
    )


def _is_for_all(response: Response) -> bool:
    said = "private, no-cache" if request.cookies else "public, max-age"
    return (
        response.status_code == 200
        and not response.is_streamed
        and not g.get("is_personal")
        and response.headers.get("Cache-Control", "").startswith(said)
        and "Set-Cookie" not in response.headers
    )


def _name(shown: Shown) -> tuple[str, ...]:
    """Return what an answer hangs on."""
    return (
        *(f"{name}={shown[name](request.cookies[name])}" for name in sorted(request.cookies)),
        request.host,
        request.script_root,
        request.path,
        request.query_string.decode("latin-1"),
        current_language(),
        request.headers.get("Accept", ""),
        encoding_wanted(),
    )

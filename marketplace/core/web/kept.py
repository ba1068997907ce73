"""Public pages kept ready for some seconds, for visitors without any cookie.

It does what a cache in front of the site would do with the same headers: of many who ask for one
page in the same second, the first has it made. A page that says `public` is one that everybody
would get alike; everything that knows the visitor says otherwise, and passes by.
"""

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


def init_app(app: Flask, seconds: float) -> None:
    """Keep public pages for so long; zero keeps nothing."""
    if not seconds:
        return
    pages: TTLCache[tuple[str, ...], Kept] = TTLCache(
        MOST_BYTES, seconds, monotonic, getsizeof=lambda page: len(page.body) + OVERHEAD_BYTES
    )
    lock = Lock()

    @app.before_request
    def answer() -> Response | None:
        if not _asks_as_anybody():
            return None
        with lock:
            page = pages.get(_name())
        if page is None:
            return None
        g.is_kept = True
        response = Response(page.body, headers=list(page.headers))
        return response.make_conditional(request)

    @app.after_request
    def keep(response: Response) -> Response:
        if not g.get("is_kept") and _asks_as_anybody() and _is_for_everybody(response):
            page = Kept(tuple(response.headers.items()), response.get_data())
            with lock:
                if len(page.body) < MOST_BYTES // 8:
                    pages[_name()] = page
        return response


def _asks_as_anybody() -> bool:
    return (
        request.method == "GET" and not request.cookies and "Authorization" not in request.headers
    )


def _is_for_everybody(response: Response) -> bool:
    return (
        response.status_code == 200
        and not response.is_streamed
        and response.headers.get("Cache-Control", "").startswith("public, max-age")
        and "Set-Cookie" not in response.headers
    )


def _name() -> tuple[str, ...]:
    """Return what an answer hangs on."""
    return (
        request.host,
        request.script_root,
        request.path,
        request.query_string.decode("latin-1"),
        current_language(),
        request.headers.get("Accept", ""),
        encoding_wanted(),
    )

"""What every answer carries: security headers, and how long it may be kept."""

import gzip
from collections.abc import Callable
from functools import partial

import brotli
from flask import Flask, g, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'{form_targets}; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'"
)


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, mode=brotli.MODE_TEXT, quality=3),
    "gzip": partial(gzip.compress, compresslevel=5, mtime=0),
}
"""The best first; the levels cost 0.04 to 0.1 ms for a page, far less than the page does."""


def encoding_wanted() -> str:
    """Return the encoding that the browser takes; empty for none."""
    accepted = request.accept_encodings
    return next((encoding for encoding in ENCODINGS if accepted[encoding] > 0), "")


def init_app(app: Flask) -> None:
    """Put the headers on every answer, errors included."""
    # A form that answers with a redirect to the hosted payment page is a form sent there.
    policy = POLICY.format(form_targets=" ".join(["", *app.config["PAYMENT_PAGE_ORIGINS"]]))

    @app.after_request
    def add_headers(response: Response) -> Response:
        if g.get("is_kept"):  # a finished page has them
            return response
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        if app.config["IS_PRODUCTION"]:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        _say_how_long_to_keep(response)
        return response


def _say_how_long_to_keep(response: Response) -> None:
    """Public pages of visitors without any cookie may be kept a minute; all else by nobody."""
    headers = response.headers
    if "immutable" in headers.get("Cache-Control", ""):  # alike for everybody, whatever they speak
        return
    headers.add("Vary", "Accept-Language, Cookie")
    _compress(response)
    if "Cache-Control" in headers:
        return
    readable = request.method in ("GET", "HEAD") and response.status_code == 200
    if not readable or "Set-Cookie" in headers or session.modified:  # the cookie comes later
        headers["Cache-Control"] = "no-store"
        return
    if current_user.is_authenticated:
        headers["Cache-Control"] = "private, no-store"
        return
    headers["Cache-Control"] = "private, no-cache" if request.cookies else "public, max-age=60"
    if not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)


def _compress(response: Response) -> None:
    """Compress a page, unless its size would tell another site what is in it."""
    headers = response.headers
    if response.mimetype != "text/html" or response.is_streamed or "Content-Encoding" in headers:
        return
    if 300 <= response.status_code < 400:  # nobody reads what it says
        return
    headers.add("Vary", "Accept-Encoding")
    encoding = encoding_wanted()
    if encoding and not _is_guess_of_others(response):
        response.set_data(ENCODINGS[encoding](response.get_data()))
        headers["Content-Encoding"] = encoding


def _is_guess_of_others(response: Response) -> bool:
    """Say whether another site may have chosen words that stand in somebody's own page.

    Who makes a browser ask again and again, each time with another guess in the address, and sees
    on the wire how long the answers are, learns from compressed ones when a guess stands there
    twice. Browsers say which site a request comes from; one that does not is not believed.
    """
    if not session and not g.get("is_personal"):
        return False  # anybody gets it alike
    if request.headers.get("Sec-Fetch-Site") in ("same-origin", "none"):
        return False
    return bool(request.query_string) or response.status_code != 200

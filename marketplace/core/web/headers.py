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
"""The best first; the levels cost a tenth of what the page does."""


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
    if "Cache-Control" in headers:
        return
    readable = request.method in ("GET", "HEAD") and response.status_code == 200
    if not readable or "Set-Cookie" in headers or session.modified:  # the cookie comes later
        headers["Cache-Control"] = "no-store"
        return
    if not response.is_streamed and not g.get("holds_secret"):
        _compress(response)
    if current_user.is_authenticated:
        headers["Cache-Control"] = "private, no-store"
        return
    headers["Cache-Control"] = "private, no-cache" if request.cookies else "public, max-age=60"
    if not response.is_streamed:
        response.add_etag()
        response.make_conditional(request)


def _compress(response: Response) -> None:
    """Compress a page that holds no secret: the size of one with a token in it would tell of it."""
    headers = response.headers
    if response.mimetype != "text/html" or "Content-Encoding" in headers:
        return
    headers.add("Vary", "Accept-Encoding")
    encoding = encoding_wanted()
    if encoding:
        response.set_data(ENCODINGS[encoding](response.get_data()))
        headers["Content-Encoding"] = encoding

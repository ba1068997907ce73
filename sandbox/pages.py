"""What every hosted page has: a strict policy, a language, a way on."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.texts import LOCALES

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def best_locale(wanted: str | None) -> str:
    """One of our languages: the wanted one, or the browser's first that we have."""
    asked = [] if wanted in (None, "auto") else [wanted or ""]
    for tag in [*asked, *request.accept_languages.values()]:
        short = tag.split("-")[0].lower()
        if short in LOCALES:
            return short
    return "en"


def page(
    template: str, *, status: int = 200, targets: tuple[str | None, ...] = (), **context: object
) -> Response:
    """Render a page; `targets` are addresses where its forms may end, by redirect."""
    parts = [urlsplit(target) for target in targets if target]
    origins = sorted({f"{part.scheme}://{part.netloc}" for part in parts})
    response = make_response(render_template(template, **context), status)
    allowed = " ".join(["'self'", *origins])
    response.headers["Content-Security-Policy"] = f"{_POLICY}; form-action {allowed}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def see_other(url: str) -> AnyResponse:
    """Send the browser on with GET."""
    return redirect(url, code=303)

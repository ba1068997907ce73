"""Light or dark, for one browser."""

from urllib.parse import urlsplit

from flask import current_app, redirect, request
from werkzeug.wrappers import Response

from marketplace.accounts.views import blueprint
from marketplace.core.web import access, safe_next, tokenless

A_YEAR_IN_SECONDS = 365 * 24 * 60 * 60
THEMES = ("light", "dark")


def shown_theme(cookie: str) -> str:
    """Return what every page shows of the cookie; "" for anything that it does not know."""
    return cookie if cookie in THEMES else ""


@blueprint.post("/theme")
@tokenless
@access("public")
def theme() -> Response:
    """Keep the choice in a cookie; without one the system decides."""
    response = redirect(safe_next(_page_before()), 303)
    wanted = request.form.get("theme")
    if wanted in THEMES:
        response.set_cookie(
            "theme",
            wanted,
            max_age=A_YEAR_IN_SECONDS,
            secure=current_app.config["IS_PRODUCTION"],
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie("theme")
    return response


def _page_before() -> str:
    """Return the page of ours on which the button was, or the first page."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host or not before.path.startswith("/"):
        return f"{request.script_root}/"
    return f"/{before.path.lstrip('/')}" + (f"?{before.query}" if before.query else "")

"""Answers: pages, redirects, links that stay on this site."""

from typing import Any
from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response


def render(template: str, /, status: int = 200, **context: Any) -> tuple[str, int]:  # Any: Jinja's
    """Render a page."""
    return render_template(template, **context), status


def redirect_to(endpoint: str, /, **values: Any) -> Response:  # Any: url_for's
    """Redirect after a POST: the browser gets the next page with GET."""
    return redirect(url_for(endpoint, **values), 303)


def safe_next(default: str) -> str:
    """Return the page to go on to, from `next`, only if it is a path on this site."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    plain = wanted.isprintable() and "\\" not in wanted
    return wanted if ours and plain and not parts.netloc and not parts.scheme else default

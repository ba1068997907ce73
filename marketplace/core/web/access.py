"""Default deny: each view says who may call it, and a test walks the routes to see that it does."""

from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from flask import current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from marketplace.core.errors import Forbidden

Who = Literal["public", "signed_in", "member", "staff"]
P = ParamSpec("P")
R = TypeVar("R")


def access(who: Who) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only these people call a view; rights on single objects are `may_...` policies.

    `member` is somebody signed in who acts for a company or project; the view checks which.
    `staff` is an operator who has shown a second factor in this session.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            refusal = _refusal(who)
            return refusal if refusal is not None else view(*args, **kwargs)

        checked.access = who  # type: ignore[attr-defined]  # read by the test of the routes
        return checked

    return decorate


def tokenless(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a POST that cacheable pages offer: no token in the page, the Origin check guards it."""
    view.tokenless = True  # type: ignore[attr-defined]  # read by create_app
    return view


def _refusal(who: Who) -> Response | None:
    if who == "public":
        return None
    if not current_user.is_authenticated:
        if request.path.startswith("/api/"):
            raise Unauthorized
        return redirect(url_for("accounts.sign_in", next=_here()), 303)
    if who == "staff":
        if not current_user.is_operator:
            raise Forbidden
        if not g.get("second_factor_at") and current_app.config["SECOND_FACTOR_REQUIRED"]:
            return redirect(url_for("accounts.second_factor", next=_here()), 303)
    return None


def _here() -> str:
    """Return where to go on to afterwards: this page, if it is one."""
    whole = f"{request.script_root}{request.full_path.rstrip('?')}"
    return whole if request.method in ("GET", "HEAD") else f"{request.script_root}/"

"""Who may call the JSON API: programs show a key, which may do what its scopes say."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request
from werkzeug.wrappers import Response

from marketplace.accounts import queries, service
from marketplace.core import clock
from marketplace.core.db import atomic
from marketplace.core.i18n import _
from marketplace.core.web.failures import answer, title_of

CALLS = 120
CALLS_SECONDS = 60

P = ParamSpec("P")
R = TypeVar("R")


def needs_scope(scope: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Let only programs call a view whose key has this scope, so often a minute.

    The key's id is then in `g.token_id`.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            refusal = _refusal(scope)
            return refusal if refusal is not None else view(*args, **kwargs)

        return checked

    return decorate


def _refusal(scope: str) -> Response | None:
    kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    token = queries.find_token(secret.strip()) if kind.lower() == "bearer" else None
    if token is None:
        response = answer(401, title_of(401), _("Send a valid key: Authorization: Bearer cw_..."))
        response.headers["WWW-Authenticate"] = 'Bearer realm="causeway"'
        return response
    if scope not in token.scopes:
        detail = _("This key may not do that: it needs the scope %(scope)s.", scope=scope)
        response = answer(403, title_of(403), detail)
        response.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
        return response
    now = clock.now()
    with atomic():
        key = f"api:{token.id}"
        service.allow(key=key, limit=CALLS, window_seconds=CALLS_SECONDS, now=now)
        service.note_used(token=token, now=now)
    g.token_id = token.id
    return None

"""The sandbox as a WSGI program: the API, the hosted pages, and the control surface for tests."""

import errno
import json
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, current_app, request

from sandbox import challenge, control, hosted, objects, onboarding
from sandbox.errors import ApiError, invalid
from sandbox.execution import Answer, Call, execute
from sandbox.idempotency import body_hash
from sandbox.params import parse_form
from sandbox.routing import ENDPOINTS, Handler
from sandbox.running import deliver_pending, let_time_pass, store_of, webhook_of
from sandbox.store import API_VERSION, Caller, Store
from sandbox.webhooks import Endpoint

__all__ = [
    "ProductionRefused",
    "create_app",
    "deliver_pending",
    "let_time_pass",
    "store_of",
    "webhook_of",
]
_LARGEST_BODY = 1_000_000
_DROP = "X-Sandbox-Drop"


class ProductionRefused(RuntimeError):
    """The sandbox must never stand where real money is expected."""


def create_app(
    dsn: str,
    *,
    public_url: str,
    webhook_url: str | None,
    webhook_secret: str,
    webhook_events: tuple[str, ...] = (),
    production: bool = False,
) -> Flask:
    """The sandbox over the database of a DSN; it connects at the first request.

    `public_url` is where a browser reaches the hosted pages, without a slash at the end;
    `webhook_events` are the types of event that the webhook asks for, all where it names none.

    :raises ProductionRefused: in production mode.
    """
    if production:
        raise ProductionRefused("The payment sandbox does not run in production mode.")
    if not objects.__all__:
        raise RuntimeError("no endpoints")
    app = Flask("sandbox", static_folder="static", static_url_path="/static", root_path=_root())
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.extensions["sandbox"] = Store(dsn, public_url=public_url.rstrip("/"))
    app.extensions["sandbox_webhook"] = Endpoint(webhook_url, webhook_secret, webhook_events)
    for number, entry in enumerate(ENDPOINTS):
        app.add_url_rule(entry.path, f"api_{number}", _view(entry.handler), methods=[entry.method])
    app.register_blueprint(hosted.pages)
    app.register_blueprint(challenge.pages)
    app.register_blueprint(onboarding.pages)
    app.register_blueprint(control.surface)
    app.register_error_handler(404, _unknown_url)
    app.register_error_handler(405, _unknown_url)
    app.wsgi_app = _Breaker(app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to add middleware
    return app


def _root() -> str:
    return __file__.rsplit("/", 1)[0]


def _view(handler: Handler) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        caller = Caller(
            account=request.headers.get("Stripe-Account"),
            idempotency_key=request.headers.get("Idempotency-Key")
            if request.method == "POST"
            else None,
        )
        try:
            _authorise()
            body = request.get_data() if request.method == "POST" else request.query_string
            call = Call(
                request.method,
                request.path,
                caller,
                parse_form(body.decode()),
                body_hash(body),
                ids,
            )
        except (ApiError, UnicodeDecodeError) as error:
            shown = error if isinstance(error, ApiError) else invalid("The body is not UTF-8")
            return _respond(caller, _error_answer(shown))
        return _respond(caller, execute(store_of(current_app), call, handler))

    return view


def _authorise() -> None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic" and request.authorization:
        token = request.authorization.username or ""
    if not token:
        raise ApiError(401, "invalid_request_error", "You did not provide an API key.")
    if not token.startswith(("sk_test_", "rk_test_")):
        raise ApiError(
            401, "invalid_request_error", "The sandbox takes only test keys (sk_test_...)."
        )


def _error_answer(error: ApiError) -> Answer:
    return Answer(error.status, json.dumps(error.body))


def _respond(caller: Caller, answer: Answer) -> Response:
    response = Response(answer.body, answer.status or 500, mimetype="application/json")
    response.headers["Request-Id"] = caller.request_id
    response.headers["Stripe-Version"] = API_VERSION
    response.headers["Cache-Control"] = "no-cache, no-store"
    if caller.idempotency_key:
        response.headers["Idempotency-Key"] = caller.idempotency_key
    if caller.account:
        response.headers["Stripe-Account"] = caller.account
    response.headers.update(answer.headers)
    if answer.dropped:
        response.headers[_DROP] = "1"
    return response


def _unknown_url(_error: Exception) -> tuple[Response, int] | Response:
    if not request.path.startswith("/v1/"):
        return Response("Not found", 404, mimetype="text/plain")
    shown = ApiError(
        404,
        "invalid_request_error",
        f"Unrecognized request URL ({request.method}: {request.path}).",
    )
    return _respond(Caller(), _error_answer(shown))


class _Breaker:
    """Turns an answer marked as dropped into a broken connection."""

    def __init__(self, inner: Any) -> None:  # a WSGI callable; its types exist only in stubs
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # WSGI
        broken = False

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:  # WSGI
            nonlocal broken
            broken = any(name == _DROP for name, _ in headers)
            return (lambda _data: None) if broken else start_response(status, headers, exc_info)

        body: Iterable[bytes] = self._inner(environ, start)
        if broken:
            raise ConnectionResetError(errno.ECONNRESET, "the sandbox drops this reply")
        return body

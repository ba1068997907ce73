"""Facts and accidents become answers here, and nowhere else."""

import sqlalchemy as sa
import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from marketplace.core.db import session
from marketplace.core.errors import DomainError, Invalid, TooMany
from marketplace.core.i18n import _

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Answer every error with a page that says what happened, or a problem document."""
    app.register_error_handler(DomainError, answer_fact)
    app.register_error_handler(CSRFError, answer_stale_form)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(sa.exc.OperationalError, answer_overload)
    app.register_error_handler(sa.exc.TimeoutError, answer_overload)
    app.register_error_handler(Exception, answer_accident)


def wants_problem() -> bool:
    """Say whether the caller is a program."""
    return request.path.startswith(("/api/", "/webhooks/", "/federation/", "/.well-known/"))


def answer(status: int, title: str, detail: str, **more: object) -> Response:
    """Return a page or an RFC 9457 problem document."""
    if wants_problem():
        problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        response = jsonify(problem | more)
        response.content_type = "application/problem+json"
    else:
        page = render_template(
            "error.html", status=status, title=title, detail=detail, request_id=g.get("request_id")
        )
        response = Response(page, content_type="text/html; charset=utf-8")
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_fact(error: DomainError) -> Response:
    """Answer what a service refused."""
    session.rollback()
    more: dict[str, object] = {}
    if isinstance(error, Invalid) and error.fields:
        more["errors"] = {name: str(text) for name, text in error.fields.items()}
    response = answer(error.status, title_of(error.status), str(error.message), **more)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_stale_form(_error: CSRFError) -> Response:
    """Answer a form whose token is missing or old."""
    return answer(
        400,
        title_of(400),
        _("This form was open too long. Go back, reload the page, send it again."),
    )


def answer_http(error: HTTPException) -> Response:
    """Answer what Flask and Werkzeug refuse."""
    if error.response is not None and error.code and error.code < 400:
        return error.response  # type: ignore[return-value]  # a redirect of the router
    status = error.code or 500
    response = answer(status, title_of(status), _detail_of(status))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def answer_overload(error: Exception) -> Response:
    """Answer while the database cannot be reached."""
    session.remove()
    log.error("database_unreachable", error=type(error).__name__)
    response = answer(
        503, title_of(503), _("We are busy. Nothing was charged; please try again in a minute.")
    )
    response.headers["Retry-After"] = "30"
    return response


def answer_accident(error: Exception) -> Response:
    """Answer what should not have happened: a number to quote, no traceback."""
    session.rollback()
    log.exception("accident", error=type(error).__name__)
    original = getattr(error, "original_exception", error)
    if isinstance(original, InternalServerError):
        original = error
    return answer(500, title_of(500), _detail_of(500))


def title_of(status: int) -> str:
    """Return a status in words."""
    titles = {
        400: _("That did not arrive as it should"),
        401: _("Please sign in"),
        403: _("You may not do this"),
        404: _("There is no such page"),
        405: _("That cannot be done here"),
        409: _("This has changed in the meantime"),
        410: _("This is no longer here"),
        413: _("That is too large"),
        415: _("We do not read this kind of file"),
        422: _("Please correct what is marked"),
        429: _("Too many tries"),
        500: _("Something broke on our side"),
        503: _("We are busy"),
    }
    return str(titles.get(status) or _("That did not work"))


def _detail_of(status: int) -> str:
    details = {
        401: _("You need to sign in to see this."),
        404: _("The address may be mistyped, or what was here has moved."),
        405: _("This address does not answer to that."),
        413: _("Send a smaller file, or fewer at once."),
        429: _("Please wait a little and try again."),
        500: _("It has been noted. If you were paying: reload your receipt before you try again."),
    }
    return str(details.get(status) or _("Go back and try again."))

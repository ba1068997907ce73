"""Logs: one JSON object a line, with the request's id and no personal data."""

import logging
import re
import sys
import time

import structlog
from flask import Flask, Response, g, request

from marketplace.core.ids import new_id

HANDED_DOWN = re.compile(r"[A-Za-z0-9-]{8,64}")


def configure(*, readable: bool = False) -> None:
    """Set up structlog once for a process."""
    last = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask, settings: object) -> None:
    """Log each request: route, status, duration. Never the address, the query or who it was.

    Tests are quiet, unless they turn on what `LOGS_REQUESTS` says in the app's config.
    """
    configure()
    log = structlog.get_logger()
    app.config["LOGS_REQUESTS"] = getattr(settings, "environment", "") != "test"

    @app.before_request
    def name_request() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if HANDED_DOWN.fullmatch(given) else new_id().hex
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def log_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if app.config["LOGS_REQUESTS"]:
            log.info(
                "request",
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                status=response.status_code,
                ms=round((time.perf_counter() - g.started) * 1000, 1) if "started" in g else None,
            )
        return response

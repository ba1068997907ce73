"""For those who run it: is it alive, can it serve, how much does it do."""

import os
import time

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from marketplace.core.db import session
from marketplace.core.web.access import access

blueprint = Blueprint("health", __name__)

REQUESTS = Counter("causeway_requests", "Requests answered", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "causeway_request_seconds",
    "How long an answer took",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def init_app(app: Flask) -> None:
    """Count every answer by endpoint, never by address."""
    app.register_blueprint(blueprint)

    @app.after_request
    def count(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, request.method, response.status_code).inc()
        if "started" in g:
            SECONDS.labels(endpoint).observe(time.perf_counter() - g.started)
        return response


@blueprint.get("/healthz")
@access("public")
def alive() -> Response:
    """Answer: this process is alive."""
    return _unkept(jsonify(status="ok"))


@blueprint.get("/readyz")
@access("public")
def ready() -> Response:
    """Answer whether the database can be reached; 503 otherwise, by `failures`."""
    session.execute(sa.text("select 1"))
    return _unkept(jsonify(status="ok"))


@blueprint.get("/metrics")
@access("public")
def metrics() -> Response:
    """Tell Prometheus what all web processes of this machine have done."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its stubs
    return _unkept(Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST))


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response

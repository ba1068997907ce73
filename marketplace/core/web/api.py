"""The JSON API's frame: its specification, its errors as problem documents, its page."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, request
from flask_smorest import Api
from flask_smorest import Blueprint as ApiBlueprint
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType

from marketplace.core.addresses import public_url
from marketplace.core.documents import ProblemOutput
from marketplace.core.web.access import access
from marketplace.core.web.answers import render
from marketplace.core.web.failures import answer, answer_http, title_of, wants_problem

PREFIX = "/api/v1"
BODY_LIMIT = 64 * 1024
PROBLEM = "application/problem+json"
CONFIG = {
    "API_TITLE": "Causeway",
    "API_VERSION": "1.0",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "Amounts are integers in the minor unit of the currency beside them. "
            "Lists end with the address of their next page. Errors are problem documents.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
    },
}

pages = Blueprint("api", __name__, url_prefix=PREFIX)


class ProblemApi(Api):  # type: ignore[misc]  # it ships without types
    """Answers what a schema refuses as this house answers errors, and leaves the rest to it."""

    ERROR_SCHEMA = ProblemOutput

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(UnprocessableEntity, answer_refused)


def answer_refused(error: UnprocessableEntity) -> Response:
    """Answer what a schema refused, field by field."""
    messages = (getattr(error, "data", None) or {}).get("messages")
    if not wants_problem() or not isinstance(messages, Mapping):
        return answer_http(error)
    parts = messages.values()
    errors = {
        path or "document": text
        for part in parts
        for path, text in _flat(part if isinstance(part, Mapping) else {"": part})
    }
    return answer(422, title_of(422), " ".join(dict.fromkeys(errors.values()))[:300], errors=errors)


def _flat(messages: Mapping[Any, Any], above: str = "") -> Iterable[tuple[str, str]]:
    # Any: marshmallow nests at will
    for name, value in messages.items():
        path = above if name == "_schema" else f"{above}.{name}".strip(".")
        if isinstance(value, Mapping):
            yield from _flat(value, path)
        else:
            yield path, str(value[0] if isinstance(value, list) else value)


def init_app(app: Flask, blueprints: Iterable[ApiBlueprint]) -> None:
    """Give the app its API."""
    app.config.update(CONFIG)
    api = ProblemApi(app)
    api.spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "A key of your account."}
    )
    for blueprint in blueprints:
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(pages)
    app.extensions["api_document"] = json.dumps(_document(api), ensure_ascii=False)

    with_key = _paths_with_key(json.loads(app.extensions["api_document"]))
    app.before_request(read_the_body)
    app.after_request(tag_figures)
    app.after_request(lambda response: let_others_read(response, with_key))


def read_the_body() -> None:
    """Read a small JSON document or nothing, before any schema looks at it."""
    if not request.path.startswith("/api/") or request.method in ("GET", "HEAD", "OPTIONS"):
        return
    request.max_content_length = BODY_LIMIT
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        request.get_json()
    except RecursionError:
        raise BadRequest from None


def tag_figures(response: Response) -> Response:
    """Call two counts alike that differ only in their moment, so that polling costs little."""
    is_read = request.path.startswith(PREFIX) and request.blueprint != pages.name
    if is_read and response.status_code == 200 and b'"counted_at"' in response.get_data():
        figures = response.get_json()
        if isinstance(figures, dict) and figures.pop("counted_at", None):
            text = json.dumps(figures, sort_keys=True)
            response.set_etag(sha256(text.encode()).hexdigest()[:40], weak=True)
    return response


def _paths_with_key(document: Mapping[str, Any]) -> set[str]:  # Any: JSON
    """Return the paths that are read with a key, as the specification writes them."""
    paths = document["paths"].items()
    return {path for path, operations in paths if operations.get("get", {}).get("security")}


def let_others_read(response: Response, with_key: Collection[str]) -> Response:
    """Let pages of any site read what is public, without cookies: what everybody sees anyway.

    What needs a key is not for browsers, and nothing can be written from elsewhere.
    """
    rule = request.url_rule
    if rule is None or not rule.rule.startswith(PREFIX) or "GET" not in (rule.methods or ()):
        return response
    if re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) in with_key:
        return response
    if request.method in ("GET", "HEAD") and response.mimetype != "text/html":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    elif request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _document(api: ProblemApi) -> dict[str, object]:
    """Return the specification: problems under their own media type, tags in plain words."""
    document: dict[str, Any] = api.spec.to_dict()  # Any: JSON
    for response in document["components"]["responses"].values():
        content = response.get("content", {})
        if "application/json" in content:
            content[PROBLEM] = content.pop("application/json")
    for tag in document["tags"]:
        tag["name"] = tag["name"].removesuffix("-api")
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation["summary"] = operation["summary"].rstrip(".")
                operation["tags"] = [tag.removesuffix("-api") for tag in operation["tags"]]
    return document


def next_url(path: str, given: Mapping[str, object], cursor: str | None) -> str | None:
    """Return the address of a list's next page, which keeps what was asked for."""
    if cursor is None:
        return None
    kept = {name: value for name, value in given.items() if value not in ("", None)}
    query = urlencode({**kept, "after": cursor})
    return public_url(f"{PREFIX}{path}?{query}")


@pages.get("/openapi.json")
@access("public")
def openapi() -> Response:
    """Return the specification of the API."""
    return Response(current_app.extensions["api_document"], content_type="application/json")


@pages.get("/docs")
@access("public")
def docs() -> tuple[str, int]:
    """Show the specification to people."""
    return render("api/docs.html", document=json.loads(current_app.extensions["api_document"]))


@pages.get("/docs/try")
@access("public")
def try_it() -> tuple[str, int]:
    """Let people try the API in Swagger UI, which is large and wants JavaScript."""
    return render("api/try.html")

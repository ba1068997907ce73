"""Photos as files, for browsers and caches."""

import re

from flask import Blueprint, Response, abort

from marketplace.core.web import access
from marketplace.media import service, storage

blueprint = Blueprint("media", __name__)
blueprint.record(lambda state: storage.configure(state.app.config["SETTINGS"].media_url))

_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{1,4})\.webp")
A_YEAR = 31_536_000


@blueprint.get("/media/<name>")
@access("public")
def photo(name: str) -> Response:
    """Answer a photo in one width; the name never gets another content, so it keeps for ever."""
    match = _NAME.fullmatch(name)
    data = storage.find(service.file_name(match[1], int(match[2]))) if match else None
    if data is None:
        abort(404)
    response = Response(data, content_type="image/webp")
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(name)
    return response

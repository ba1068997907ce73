"""Placeholder art over HTTP: the same address gives the same bytes for ever."""

from flask import Blueprint, Response

from marketplace.core.errors import NotFound
from marketplace.core.web import access
from marketplace.look.art import LONGEST_NAME, draw

blueprint = Blueprint("look", __name__)

MOST_PARTS = 4


@blueprint.get("/art/<kind>/<path:rest>.svg")
@access("public")
def art(kind: str, rest: str) -> Response:
    """Serve a drawing."""
    parts = tuple(rest.split("/"))
    if len(parts) > MOST_PARTS or any(len(part) > LONGEST_NAME for part in parts):
        raise NotFound
    drawing = draw(kind, parts)
    if drawing is None:
        raise NotFound
    answer = Response(drawing, mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'none'; sandbox"
    return answer

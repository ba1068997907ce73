"""Placeholder art, the same address the same bytes for ever; and a page of all components."""

from flask import Blueprint, Response

from marketplace.core.errors import NotFound
from marketplace.core.web import Form, access, render
from marketplace.look import samples
from marketplace.look.art import LONGEST_NAME, draw

blueprint = Blueprint("look", __name__)

MOST_PARTS = 4


@blueprint.get("/look")
@access("public")
def components() -> tuple[str, int]:
    """Show every component with made-up figures."""
    wrong = Form(
        values={"email": "elena.marchetti"},
        errors={"email": "Enter an e-mail address, like name@example.org"},
    )
    return render("look/components.html", form=wrong, **samples.everything())


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

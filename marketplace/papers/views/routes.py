"""The blueprint, to which each module of pages adds its own, and how files are served."""

from flask import Blueprint, Response, make_response
from werkzeug.wrappers import Response as AnyResponse

blueprint = Blueprint("papers", __name__)

Page = AnyResponse | tuple[str, int]


def private(answer: tuple[str, int]) -> Response:
    """Return a page that is not indexed, not kept, and whose address is told to nobody."""
    return _hide(make_response(*answer))


def pdf(body: bytes, name: str) -> Response:
    """Return a document to keep."""
    response = Response(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename={name}.pdf"
    return _hide(response)


def _hide(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    return response

"""Photos and papers as files, for browsers and caches."""

import re

from flask import Blueprint, Response, abort

from marketplace.core.errors import NotFound
from marketplace.core.remembered import Remembered
from marketplace.core.web import access
from marketplace.media import queries, service, storage
from marketplace.media.models import Document

blueprint = Blueprint("media", __name__)
blueprint.record(lambda state: storage.configure(state.app.config["SETTINGS"].media_url))

_NAME = re.compile(r"([0-9a-f]{32})-([0-9]{1,4})\.(webp|jpg)")
_PAPER = re.compile(r"([0-9a-f]{32})\.pdf")
withheld = Remembered(queries.list_withheld)
A_YEAR = 31_536_000
PDF = "application/pdf"
TYPES = {"pdf": PDF, "webp": "image/webp"}


@blueprint.get("/media/<name>")
@access("public")
def photo(name: str) -> Response:
    """Answer a photo in one width; the name never gets another content, so it keeps for ever.

    A JPEG is for letters: those are read on pages of other sites, too, which may show it.
    """
    match = _NAME.fullmatch(name)
    if match is None or match[1] in withheld():
        abort(404)
    key, width = match[1], int(match[2])
    if match[3] == "webp":
        return _file(name, storage.find(service.file_name(key, width)), "image/webp")
    response = _file(name, service.find_for_letter(key, width), "image/jpeg")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/papers/<name>")
@access("public")
def paper(name: str) -> Response:
    """Answer a PDF to be kept or opened elsewhere: it is never shown as a part of this site."""
    match = _PAPER.fullmatch(name)
    response = _file(name, storage.find(service.paper_name(match[1])) if match else None, PDF)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def private_paper(document: Document | None) -> Response:
    """Answer a private paper, for a view that found that it may be read; nobody keeps it.

    :raises NotFound: the file is gone.
    """
    data = storage.find(service.private_name(document)) if document else None
    if document is None or data is None:
        raise NotFound
    response = Response(data, content_type=TYPES[document.suffix])
    name = f"{document.key}.{document.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _file(name: str, data: bytes | None, content_type: str) -> Response:
    if data is None:
        abort(404)
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(name)
    return response

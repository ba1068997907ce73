"""Cards in frames of other sites, and oEmbed, by which those find them."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from flask import Response, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from marketplace.core.addresses import public_url
from marketplace.core.errors import NotFound
from marketplace.core.i18n import LANGUAGES
from marketplace.core.web import access
from marketplace.core.web.languages import current_language
from marketplace.projects.rules import without_controls
from marketplace.sharing import drawing
from marketplace.sharing.views import things
from marketplace.sharing.views.pictures import KINDS
from marketplace.sharing.views.routes import blueprint
from marketplace.sharing.views.things import Shown

CARD_SIZE = (480, 420)
SMALLEST = (240, 200)
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors *"
)
"""The only pages that may stand in a frame: they have no form, no script and no cookie."""
AN_HOUR = 3600


@blueprint.get(f"/embed/<{KINDS}:kind>/<slug>")
@access("public")
def card(kind: str, slug: str) -> BaseResponse:
    """Show a card in another site's frame, as everybody sees it."""
    return _frame(things.OF[kind](slug))


@blueprint.get("/embed/companies/<slug>/reports/<report_slug>")
@access("public")
def card_of_report(slug: str, report_slug: str) -> BaseResponse:
    """Show a report's card in another site's frame."""
    return _frame(things.of_report(slug, report_slug))


def _frame(shown: Shown) -> BaseResponse:
    answer = make_response(render_template("sharing/card.html", shown=shown))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


@blueprint.get("/oembed")
@access("public")
def oembed() -> Response:
    """Answer oEmbed 1.0: how the thing at an address is shown in a frame."""
    wanted = request.args.get("format", "json")
    if wanted not in ("json", "xml"):
        return _told(Response("", status=501, content_type="text/plain"))
    told = _document(_find(request.args.get("url", "")))
    if wanted == "json":
        return _told(Response(json.dumps(told), content_type="application/json"))
    parts = "".join(f"<{name}>{_in_xml(value)}</{name}>" for name, value in told.items())
    text = f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{parts}</oembed>'
    return _told(Response(text, content_type="text/xml; charset=utf-8"))


def _in_xml(value: object) -> str:
    return escape(without_controls(str(value)))


def _find(address: str) -> Shown:
    """Return what an address of ours is about, in the address's language.

    :raises NotFound: it is none of ours, or nothing that is shown in frames.
    """
    try:
        parts, ours = urlsplit(address), urlsplit(public_url())
    except ValueError:
        raise NotFound from None
    if parts.netloc != ours.netloc or parts.scheme not in ("http", "https"):
        raise NotFound
    first, _slash, rest = parts.path.lstrip("/").partition("/")
    return things.at(rest if first in LANGUAGES else parts.path)


def _document(shown: Shown) -> Mapping[str, object]:
    width, height = (
        max(least, min(usual, _bound(name)))
        for usual, least, name in zip(CARD_SIZE, SMALLEST, ("maxwidth", "maxheight"), strict=True)
    )
    frame = f"{public_url()}/{current_language()}/embed{shown.page}"
    html = Markup(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" '
        'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    ).format(frame, width, height, shown.title)
    pixels = drawing.PICTURE_SIZE
    return {
        "type": "rich",
        "version": "1.0",
        "title": shown.title,
        "author_name": shown.eyebrow,
        "provider_name": "Causeway",
        "provider_url": public_url(),
        "cache_age": AN_HOUR,
        "thumbnail_url": shown.picture_url,
        "thumbnail_width": pixels[0],
        "thumbnail_height": pixels[1],
        "html": str(html),
        "width": width,
        "height": height,
    }


def _bound(name: str) -> int:
    """Return a bound that the asker named; what is no number bounds nothing."""
    asked = request.args.get(name, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 10_000


def _told(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer

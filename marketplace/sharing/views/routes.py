"""The one blueprint of what is shared, and what pages say of themselves to other sites."""

from functools import lru_cache
from urllib.parse import urlencode

from flask import Blueprint, request
from markupsafe import Markup

from marketplace.core.addresses import public_url
from marketplace.sharing.drawing import PICTURE_SIZE

blueprint = Blueprint("sharing", __name__)


def shared_as(page: str, words: str) -> Markup:
    """Return the tags for a page's picture, and the links by which a card of it is found.

    :param page: its address without the language
    :param words: what the picture shows
    """
    return _tags(public_url(""), public_url(request.script_root), page, words)


@lru_cache(maxsize=4_096)
def _tags(site: str, root: str, page: str, words: str) -> Markup:
    width, height = PICTURE_SIZE
    tags = (
        Markup('<meta property="{}" content="{}">').format(name, value)
        for name, value in (
            ("og:image", f"{root}/share{page}.png"),
            ("og:image:type", "image/png"),
            ("og:image:width", width),
            ("og:image:height", height),
            ("og:image:alt", words),
        )
    )
    about = {"url": f"{root}{page}"}
    links = (
        Markup('<link rel="alternate" type="{}" href="{}">').format(
            media_type, f"{site}/oembed?{urlencode(about | {'format': kind})}"
        )
        for kind, media_type in (("json", "application/json+oembed"), ("xml", "text/xml+oembed"))
    )
    card = Markup('<meta name="twitter:card" content="summary_large_image">')
    return Markup("").join([*tags, card, *links])


@blueprint.record
def give_to_templates(state: object) -> None:
    """Let every page say how it is shared."""
    state.app.jinja_env.globals["shared_as"] = shared_as  # type: ignore[attr-defined]  # Flask's state

"""How a company speaks of itself: its text, made safe."""

import uuid
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "h3", "h4", "blockquote", "a"}
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")


def text_as_html(markdown: str) -> str:
    """Return what a company wrote as plain, safe HTML; links tell search engines nothing."""
    html = _markdown.render(markdown)
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="nofollow noopener ugc",
    )


def place_of(key: Sequence[object] | None) -> tuple[str, uuid.UUID] | None:
    """Return a decoded cursor of the list of companies; None where it was tampered with."""
    if key is None or len(key) != 2 or not all(isinstance(part, str) for part in key):
        return None
    try:
        return str(key[0]).replace("\x00", ""), uuid.UUID(str(key[1]))
    except ValueError:
        return None

"""What people write as Markdown or bring as HTML, as HTML that can do no harm."""

import html as entities
import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "code", "hr"}
LINKS = "ugc nofollow noopener"
MOST_KEPT = 512
"""So many texts a process keeps cleaned: the same text always gives the same HTML."""

BROUGHT = {
    "p", "br", "ul", "ol", "li", "b", "strong", "i", "em", "blockquote", "table", "thead", "tbody",
    "tr", "th", "td", "dl", "dt", "dd", "sub", "sup", "a",
}  # fmt: skip
"""What a description from elsewhere may be made of: words, lists, tables, links; no pictures."""
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_DROPPED = {"script", "style", "title", "textarea", "noscript"}  # with all that is in them
_IS_TAG = re.compile(r"<[a-zA-Z/!]")


@lru_cache(maxsize=MOST_KEPT)
def render_markdown(text: str) -> Markup:
    """Return Markdown as HTML: no raw HTML, no pictures, links that search engines ignore."""
    html = _MARKDOWN.render(text)
    html = html.replace("<h1>", "<h3>").replace("</h1>", "</h3>")
    html = html.replace("<h2>", "<h3>").replace("</h2>", "</h3>")
    return Markup(  # noqa: S704  # cleaned here
        nh3.clean(
            html,
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel=LINKS,
        )
    )


@lru_cache(maxsize=MOST_KEPT)
def safe_html(text: str) -> str:
    """Return the plain structure of HTML that somebody brought; plain text becomes paragraphs.

    What it returned it leaves as it is (but for tables that never closed). Headings of another page
    would upset the outline of ours: they become strong paragraphs.
    """
    if _IS_TAG.search(text):
        clean = _cleaned(text)
        text = re.sub(r"<h[1-6]>", "<p><strong>", clean)
        text = re.sub(r"</h[1-6]>", "</strong></p>", text)
        # A heading may hold what a paragraph may not: then the tree is another one.
        text = _cleaned(text).strip() if text != clean else clean.strip()
    return text if _IS_TAG.search(text) else _paragraphs(text)


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=BROUGHT | _HEADINGS,
        attributes={"a": {"href"}},
        clean_content_tags=_DROPPED,
        url_schemes={"http", "https"},
        link_rel=LINKS,
    )


def _paragraphs(text: str) -> str:
    parts = [
        entities.escape(entities.unescape(part.strip()), quote=False)
        for part in re.split(r"\n\s*\n", text)
    ]
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts if part)


def markdown_blocks(text: str) -> list[dict[str, object]]:
    """Return Markdown as blocks of words for paper: `kind` and `runs`, nothing that can act.

    A block's kind is `text`, `heading`, `item` or `quote`; a run says its `text`, whether it is
    `strong`, `em` or `code`, and `href`, the address it leads to, if there is one.
    """
    blocks: list[dict[str, object]] = []
    around: list[str] = []
    for token in _MARKDOWN.parse(text):
        if token.type.endswith("_open"):
            around.append(token.type.removesuffix("_open"))
        elif token.type.endswith("_close"):
            around.pop()
        elif token.type in ("fence", "code_block"):
            blocks.append({"kind": "text", "runs": [_run(token.content, {"code"}, "")]})
        elif token.type == "inline":
            blocks.append({"kind": _kind(around), "runs": _runs(token.children or [])})
    return blocks


def _kind(around: list[str]) -> str:
    for name, kind in (("heading", "heading"), ("list_item", "item"), ("blockquote", "quote")):
        if name in around:
            return kind
    return "text"


def _runs(tokens: list[Token]) -> list[dict[str, object]]:
    runs: list[dict[str, object]] = []
    on: set[str] = set()
    href = ""
    for token in tokens:
        name, _underscore, way = token.type.rpartition("_")
        if name == "link":
            href = _outward(str(token.attrGet("href"))) if way == "open" else ""
        elif name in ("strong", "em"):
            on = on | {name} if way == "open" else on - {name}
        elif token.type in ("softbreak", "hardbreak"):
            runs.append(_run(" " if token.type == "softbreak" else "\n", on, href))
        elif token.content:
            runs.append(
                _run(token.content, on | ({"code"} if token.type == "code_inline" else set()), href)
            )
    return runs


def _run(text: str, on: set[str], href: str) -> dict[str, object]:
    return {"text": text, "href": href} | {name: name in on for name in ("strong", "em", "code")}


def _outward(address: str) -> str:
    """Return an address that may stand in a document; others are left out."""
    return address if address.startswith(("http://", "https://", "mailto:")) else ""

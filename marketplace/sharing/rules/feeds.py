"""A feed, as Atom (RFC 4287) and as JSON Feed 1.1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from marketplace.projects.rules import without_controls

ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
ENDINGS = {"atom": ATOM, "json": JSON_FEED}
JSON_FEED_VERSION = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True)
class Item:
    """One thing that happened; `url` whole, `html` cleaned."""

    id: str
    """A URI that never changes."""
    url: str
    title: str
    html: str
    at: datetime
    author: str
    image: str = ""
    about: str = ""
    """Which of several things it belongs to, in a feed of all."""
    changed_at: datetime | None = None
    """When it was last corrected, if it was."""


@dataclass(frozen=True)
class Feed:
    """Items, the newest first; `home` and `address` whole, the latter without its ending."""

    id: str
    title: str
    home: str
    address: str
    language: str
    publisher: str
    began_at: datetime
    """What stands for the last change while there is no item."""
    items: Sequence[Item]

    @property
    def changed_at(self) -> datetime:
        """Return when the newest of it happened."""
        return max((item.changed_at or item.at for item in self.items), default=self.began_at)


def atom(feed: Feed) -> str:
    """Return the feed as XML in which people's words stay words."""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_quoted(feed.language)}>\n',
        _text("id", feed.id),
        _text("title", feed.title),
        _link(feed.home, "alternate", "text/html"),
        _link(f"{feed.address}.atom", "self", ATOM),
        _text("updated", feed.changed_at.isoformat()),
        f"<author>{_text('name', feed.publisher)}</author>\n",
        *(_entry(item, feed) for item in feed.items),
        "</feed>\n",
    ]
    return "".join(parts)


def _entry(item: Item, feed: Feed) -> str:
    title = f"{item.about}: {item.title}" if item.about else item.title
    return (
        "<entry>\n"
        + _text("id", item.id)
        + _text("title", title)
        + _link(item.url, "alternate", "text/html")
        + _text("published", item.at.isoformat())
        + _text("updated", (item.changed_at or item.at).isoformat())
        + f"<author>{_text('name', item.author or feed.publisher)}</author>\n"
        + f'<content type="html">{_escaped(item.html)}</content>\n'
        + "</entry>\n"
    )


def _text(name: str, words: str) -> str:
    return f"<{name}>{_escaped(words)}</{name}>\n"


def _link(href: str, rel: str, kind: str) -> str:
    return f"<link rel={_quoted(rel)} type={_quoted(kind)} href={_quoted(href)}/>\n"


def _escaped(text: str) -> str:
    return escape(without_controls(text))


def _quoted(text: str) -> str:
    return quoteattr(without_controls(text))


def json_feed(feed: Feed) -> Mapping[str, object]:
    """Return the feed for programs."""
    return {
        "version": JSON_FEED_VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": f"{feed.address}.json",
        "language": feed.language,
        "authors": [{"name": feed.publisher}],
        "items": [_item(item) for item in feed.items],
    }


def _item(item: Item) -> Mapping[str, object]:
    told: dict[str, object] = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": item.html or f"<p>{escape(item.title)}</p>",
        "date_published": item.at.isoformat(),
    }
    if item.author:
        told["authors"] = [{"name": item.author}]
    if item.changed_at:
        told["date_modified"] = item.changed_at.isoformat()
    if item.image:
        told["image"] = item.image
    if item.about:
        told["tags"] = [item.about]
    return told

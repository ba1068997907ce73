"""What other servers tell us, taken apart with care: each word of it may be wrong or a trick."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from marketplace.core.reading.text import without_controls
from marketplace.federation.rules.addresses import host_of
from marketplace.federation.rules.documents import AS2, PUBLIC

Json = Mapping[str, object]

LONGEST_ID = 2_000
LONGEST_TEXT = 40_000
LONGEST_SUMMARY = 200
DEEPEST = 20
EVERYBODY = {PUBLIC, "as:Public", "Public"}
CONTEXTS = {AS2, AS2.replace("https:", "http:")}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_URI = re.compile(r"https?://[\x21-\x7e]+")


class NotUnderstood(Exception):
    """A document is not ActivityStreams 2.0, or not what we take; the text says why."""


@dataclass(frozen=True)
class Activity:
    """What somebody says they did."""

    id: str
    kind: str
    actor: str
    object_id: str
    """What it was done to; empty where that has no id."""
    thing: Json
    """The same, where it came along; empty where only its id did."""
    whole: Json


@dataclass(frozen=True)
class Person:
    """Somebody elsewhere, as their server describes them."""

    uri: str
    handle: str
    name: str
    url: str
    inbox: str
    shared_inbox: str
    keys: Mapping[str, str]
    """Public keys (PEM) by their ids."""


@dataclass(frozen=True)
class Post:
    """Something that somebody wrote."""

    uri: str
    author: str
    url: str
    html: str
    """As it came: not cleaned."""
    in_reply_to: str
    is_public: bool
    published_at: datetime | None


def load(body: bytes) -> Json:
    """Return a JSON document that PostgreSQL can keep.

    :raises NotUnderstood: it is none, or nested without end.
    """
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NotUnderstood("not JSON") from None
    _look_through(found, DEEPEST)
    if not isinstance(found, dict):
        raise NotUnderstood("not an object")
    return found


def _refuse_constant(_name: str) -> object:
    raise NotUnderstood("not JSON")


def _look_through(value: object, depth: int) -> None:
    if depth < 0:
        raise NotUnderstood("nested too deeply")
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise NotUnderstood("characters that no text has")
    if isinstance(value, list):
        for part in value:
            _look_through(part, depth - 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            _look_through(name, depth)
            _look_through(part, depth - 1)


def check(document: Json) -> None:
    """See that a document is ActivityStreams 2.0, as far as its own words are.

    :raises NotUnderstood: it is not.
    """
    _check_context(document.get("@context"))
    _check_kinds(document)
    for word in ("id", "summary", "content"):
        if not isinstance(document.get(word, ""), str):
            raise NotUnderstood(f"{word} is no text")
    for word in ("nameMap", "summaryMap", "contentMap"):
        if not isinstance(document.get(word, {}), dict):
            raise NotUnderstood(f"{word} is no map")
    if not isinstance(document.get("name", ""), str | dict):
        raise NotUnderstood("name is no text")
    for word in ("actor", "object", "target", "attributedTo", "inReplyTo"):
        if not _is_thing(document.get(word, "")):
            raise NotUnderstood(f"{word} is nothing that there can be")
    _check_list(document)


def _check_context(context: object) -> None:
    if context is None:
        return
    parts = context if isinstance(context, list) else [context]
    if not all(isinstance(part, str | dict) for part in parts):
        raise NotUnderstood("a context that is none")
    named = {part.rstrip("#") for part in parts if isinstance(part, str)}
    if named and not named & CONTEXTS:
        raise NotUnderstood("words of another kind")


def _check_kinds(document: Json) -> None:
    kinds = document.get("type", "")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if not isinstance(kind, str):
            raise NotUnderstood("a type that is none")


def _check_list(document: Json) -> None:
    kinds = kinds_of(document)
    if "OrderedCollection" in kinds and "items" in document:
        raise NotUnderstood("an ordered list without an order")
    for word in ("first", "last", "next", "prev", "current"):
        page = document.get(word)
        if isinstance(page, dict) and not kinds_of(page) & {
            "CollectionPage",
            "OrderedCollectionPage",
            "Link",
        }:
            raise NotUnderstood(f"{word} is no page")


def _is_thing(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, str | dict) for part in value)
    return value is None or isinstance(value, str | dict)


def kinds_of(document: Json) -> set[str]:
    """Return the types of something; most have one."""
    kinds = document.get("type", "")
    parts = kinds if isinstance(kinds, list) else [kinds]
    return {kind for kind in parts if isinstance(kind, str)}


def id_of(value: object) -> str:
    """Return the id of what is named or came along; empty for what is not a whole address."""
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or len(found) > LONGEST_ID or not _URI.fullmatch(found):
        return ""
    return found if host_of(found) else ""


def read_activity(document: Json) -> Activity:
    """Take an activity apart.

    :raises NotUnderstood: it has no id, no one actor, or the id is at another host than they are.
    """
    check(document)
    uri, actor = id_of(document), id_of(document.get("actor"))
    if not actor:
        raise NotUnderstood("no actor")
    if not uri or host_of(uri) != host_of(actor):
        raise NotUnderstood("no id of its actor's")
    thing = document.get("object")
    known = kinds_of(document)
    return Activity(
        id=uri,
        kind=next((kind for kind in sorted(known) if kind.isalpha()), ""),
        actor=actor,
        object_id=id_of(thing),
        thing=thing if isinstance(thing, dict) else {},
        whole=document,
    )


def read_person(document: Json, *, uri: str) -> Person:
    """Take an actor apart, of whom we asked by their id.

    All of it has to be at their own host: who names another's inbox would have us write there.

    :raises NotUnderstood: it is another one, has no inbox, or not there.
    """
    check(document)
    if id_of(document) != uri:
        raise NotUnderstood("another actor than asked for")
    host = host_of(uri)
    inbox = id_of(document.get("inbox"))
    endpoints = document.get("endpoints")
    shared = id_of(endpoints.get("sharedInbox")) if isinstance(endpoints, dict) else ""
    if host_of(inbox) != host:
        raise NotUnderstood("no inbox of their own")
    url = id_of(_first(document.get("url")))
    return Person(
        uri=uri,
        handle=_line(document.get("preferredUsername")) or "?",
        name=_line(document.get("name")),
        url=url if host_of(url) == host else uri,
        inbox=inbox,
        shared_inbox=shared if host_of(shared) == host else "",
        keys=_keys(document.get("publicKey"), uri),
    )


def _first(value: object) -> object:
    found = value[0] if isinstance(value, list) and value else value
    return found.get("href") if isinstance(found, dict) and "href" in found else found


def _line(value: object) -> str:
    """Return a text for a single line, short and without tricks of direction."""
    if not isinstance(value, str):
        return ""
    start = value[: LONGEST_SUMMARY * 2]
    printable = "".join(sign if sign.isprintable() else " " for sign in start)
    return " ".join(printable.split())[:LONGEST_SUMMARY]


def _keys(value: object, owner: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in value if isinstance(value, list) else [value]:
        if not isinstance(key, dict) or id_of(key.get("owner")) != owner:
            continue
        uri, pem = id_of(key), key.get("publicKeyPem")
        if host_of(uri) == host_of(owner) and isinstance(pem, str) and len(pem) < LONGEST_TEXT:
            found[uri] = pem
    return found


def read_post(document: Json, *, by: str) -> Post:
    """Take a post apart that an actor sent.

    :raises NotUnderstood: it is no post, another's, too long, or says nothing.
    """
    check(document)
    uri = id_of(document)
    if not kinds_of(document) & {"Note", "Article", "Question"}:
        raise NotUnderstood("no post")
    if id_of(_first(document.get("attributedTo"))) != by or host_of(uri) != host_of(by):
        raise NotUnderstood("another's post")
    content = document.get("content")
    html = without_controls(content) if isinstance(content, str) else ""
    if not html.strip() or len(html) > LONGEST_TEXT:
        raise NotUnderstood("no text, or too much of it")
    url = id_of(_first(document.get("url")))
    return Post(
        uri=uri,
        author=by,
        url=url if host_of(url) == host_of(by) else uri,
        html=html,
        in_reply_to=id_of(_first(document.get("inReplyTo"))),
        is_public=bool(EVERYBODY & (_named(document.get("to")) | _named(document.get("cc")))),
        published_at=_moment(document.get("published")),
    )


def _named(value: object) -> set[str]:
    parts = value if isinstance(value, list) else [value]
    return {part for part in parts if isinstance(part, str)}


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    return moment if 2000 < moment.year < 2100 else None

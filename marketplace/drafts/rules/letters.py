"""Reading letters that anybody may have made: bounded, and never broken by what they hold.

The older policy of the standard library is used on purpose: it reads a header when it is asked to,
and takes every header for what it is; the newer one raises on some that are malformed.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from hashlib import sha256

from marketplace.core.errors import Invalid
from marketplace.core.i18n import _l
from marketplace.drafts.rules.words import own_words, title_of, words_of_html

MOST_BYTES = 25 * 1024 * 1024
MOST_PARTS = 100
LONGEST_HEAD = 64 * 1024
LONGEST_HEADER = 2_000
LONGEST_TEXT = 500_000
LONGEST_NAME = 200
_CHARSETS = (
    *("utf-8", "utf-16", "ascii", "iso8859", "iso2022", "cp125", "cp85", "cp437", "koi8", "gb"),
    *("big5", "euc", "shift_jis", "mac-roman", "tis-620"),
)
"""Beginnings of the names of codecs that letters are written in; some others never end."""


class NotReadable(Invalid):
    """A letter that we cannot make anything of."""

    message = _l("The letter could not be read. Send your words as plain text, with photos.")


@dataclass(frozen=True)
class Head:
    """What is known of a letter before it is read."""

    sender: str
    """The one address in From, in lower case; empty where there is none, or more."""
    is_automatic: bool
    """No person wrote it: an answer of somebody's mail program, a list, a report."""
    fingerprint: bytes
    recipients: tuple[str, ...]
    """Where it was sent to, as far as it says so."""


@dataclass(frozen=True)
class File:
    """Something attached."""

    name: str
    data: bytes
    is_paper: bool


@dataclass
class Letter:
    """What somebody wrote, and what came with it."""

    title: str = ""
    text: str = ""
    files: list[File] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Names of what is attached and is neither a photo nor a PDF."""


def read_head(raw: bytes) -> Head:
    """Return what the headers say; of a letter that has none nothing."""
    headers = BytesHeaderParser(policy=policy.compat32).parsebytes(raw[:LONGEST_HEAD])
    senders = getaddresses([str(one)[:LONGEST_HEADER] for one in headers.get_all("From", [])[:2]])
    said = headers.get("Message-ID") or ""
    known = str(said).strip().encode(errors="replace") or raw
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    named = [str(one)[:LONGEST_HEADER] for name in names for one in headers.get_all(name, [])[:5]]
    return Head(
        sender=senders[0][1].strip().lower() if len(senders) == 1 else "",
        is_automatic=_is_automatic(headers),
        fingerprint=sha256(known).digest(),
        recipients=tuple(address for _name, address in getaddresses(named) if address),
    )


def _is_automatic(headers: Message) -> bool:
    """Say whether a program wrote it by itself (RFC 3834), so that it is never answered."""
    submitted = str(headers.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(headers.get("Precedence", "")).strip().lower()
    return (
        submitted != "no"
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or "X-Autoreply" in headers
        or "List-Id" in headers
        or str(headers.get("Return-Path", "")).strip() == "<>"
        or headers.get_content_type() == "multipart/report"
    )


def read_letter(raw: bytes) -> Letter:
    """Return what a letter says.

    :raises NotReadable: it is too large, has too many parts, or makes no sense.
    """
    if len(raw) > MOST_BYTES:
        raise NotReadable(_l("The letter is larger than 25 MB. Send fewer or smaller photos."))
    if raw.lower().count(b"content-type:") > MOST_PARTS:
        raise NotReadable(_l("The letter has too many parts. Send your words as plain text."))
    try:
        return _read(raw)
    except NotReadable:
        raise
    except Exception as error:  # parsers raise anything on hostile input
        raise NotReadable from error


def _read(raw: bytes) -> Letter:
    message = message_from_bytes(raw, policy=policy.compat32)
    letter, plain, pages = Letter(), [], []
    for part in _leaves(message):
        kind = part.get_content_type()
        name = _name(part)
        if kind == "text/plain" and not name:
            plain.append(_text(part))
        elif kind == "text/html" and not name:
            pages.append(_text(part))
        elif kind.startswith("image/") or kind == "application/pdf" or _looks_like_file(name):
            data = part.get_payload(decode=True)
            is_paper = isinstance(data, bytes) and data.startswith(b"%PDF-")
            letter.files.append(File(name, data if isinstance(data, bytes) else b"", is_paper))
        else:
            letter.left_out.append(name or kind)
    words = [own_words(text) for text in plain]
    if not any(words):
        words = [own_words(words_of_html(page)) for page in pages]
    letter.text = "\n\n".join(word for word in words if word).replace("\x00", "")
    letter.title = title_of(_header(message, "Subject"), letter.text).replace("\x00", "")
    return letter


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold something; not what is in letters that are attached."""
    if message.get_content_maintype() == "message":
        yield message
    elif message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _looks_like_file(name: str) -> bool:
    endings = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".pdf")
    return name.lower().endswith(endings)


def _name(part: Message) -> str:
    return _plain(part.get_filename() or "")[:LONGEST_NAME].strip()


def _header(message: Message, name: str) -> str:
    return _plain(message.get(name) or "")


def _plain(value: object) -> str:
    """Return a header as people read it."""
    text = str(value)[:LONGEST_HEADER]
    try:
        return str(make_header(decode_header(text)))
    except (
        LookupError,
        ValueError,
        HeaderParseError,
    ):  # it is none
        return text.encode(errors="replace").decode()


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    return data[:LONGEST_TEXT].decode(_charset(part), errors="replace")


def _charset(part: Message) -> str:
    try:
        name = codecs.lookup(part.get_content_charset("utf-8")).name
    except LookupError:
        return "utf-8"
    return name if name.startswith(_CHARSETS) else "utf-8"

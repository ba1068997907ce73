"""What each kind of answer must be, whatever people wrote: read strictly, as its readers do."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from xml.etree import ElementTree as ET

from PIL import Image
from pypdf import PdfReader
from pypdf.generic import NameObject
from werkzeug.test import TestResponse

from marketplace.core.cells import FORMULA_STARTS
from tests.browser.hostile.payloads import ELSEWHERE, SUM_DONE

NUMBER = re.compile(r"[+-]?[\d.,  ]+%?$")
ACTIVE = re.compile(r"^\s*(javascript|vbscript|data:text)", re.IGNORECASE)
PDF_ACTIONS = {"/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA"}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def wrong_with(answer: TestResponse) -> list[str]:
    """Return what is wrong with an answer; nothing, if nothing is."""
    if answer.status_code >= 400 or answer.location:
        return []
    found = [problem for name, problem in _of_headers(answer) if problem]
    kind = answer.mimetype
    check = next((one for part, one in CHECKS.items() if part in kind), None)
    if check is None:
        return [*found, f"nobody checks {kind}"]
    try:
        found += check(answer.data)
    except Exception as error:  # whatever a strict reader says of it
        found.append(f"{type(error).__name__}: {error}"[:300])
    return found


def _of_headers(answer: TestResponse) -> Iterator[tuple[str, str]]:
    policy = answer.headers.get("Content-Security-Policy", "")
    yield (
        "policy",
        ""
        if "script-src 'self'" in policy or "default-src 'none'" in policy
        else (f"no policy: {policy}"),
    )
    yield "policy", "unsafe" if "unsafe" in policy and "/try" not in answer.request.path else ""
    sniff = answer.headers.get("X-Content-Type-Options")
    yield "sniffing", "" if sniff == "nosniff" else "may be sniffed"
    for name, value in answer.headers:
        if CONTROLS.search(value) or "\n" in value or "\r" in value:
            yield name, f"a header broken by {value!r}"


def _html(data: bytes) -> Iterator[str]:
    """Read no more than the signs: the browser looks at what they make."""
    text = data.decode("utf-8", "strict")
    if SUM_DONE in text:
        yield "a sum was done"
    if CONTROLS.search(text):
        yield f"control characters: {CONTROLS.findall(text)[:5]}"


def _json(data: bytes) -> Iterator[str]:
    def refuse(word: str) -> float:
        raise ValueError(f"no JSON: {word}")

    text = data.decode("utf-8", "strict")
    json.loads(text, parse_constant=refuse)
    if SUM_DONE in text:
        yield "a sum was done"


def _xml(data: bytes) -> Iterator[str]:
    root = ET.fromstring(data)  # what we wrote ourselves
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2].lower()
        if name in ("script", "foreignobject", "iframe", "handler", "set"):
            yield f"<{name}>"
        for key, value in element.attrib.items():
            if key.rpartition("}")[2].lower().startswith("on") or ACTIVE.match(value):
                yield f"<{name} {key}={value[:40]}>"
    if SUM_DONE in data.decode():
        yield "a sum was done"


def _csv(data: bytes) -> Iterator[str]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    widths = {len(row) for row in rows if row}
    if len(widths) > 1:
        yield f"rows of {sorted(widths)} cells"
    for row in rows:
        for cell in row:
            if cell.lstrip(" ").startswith(FORMULA_STARTS) and not NUMBER.match(cell):
                yield f"a formula: {cell[:60]!r}"


def _calendar(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "strict")
    assert text.endswith("\r\n")
    lines = text.replace("\r\n ", "").split("\r\n")[:-1]
    if any(len(line.encode()) > 75 for line in text.split("\r\n")):
        yield "a line that is too long"
    stack: list[str] = []
    for line in lines:
        name, colon, value = re.match(r"([A-Z-]+)(?:;[^:]*)?(:?)(.*)$", line, re.DOTALL).groups()  # type: ignore[union-attr]  # no match is an error, too
        if not colon or CONTROLS.search(line) or "\n" in line or "\r" in line:
            yield f"no line of a calendar: {line[:60]!r}"
        if name == "BEGIN":
            stack.append(value)
        if name == "END" and stack.pop() != value:
            yield "parts that cross each other"
        if name == "SUMMARY" and value == "forged":
            yield "a forged event"


def _names_of(reader: PdfReader) -> Iterator[str]:
    """Return every name in a PDF, of its objects, not of what happens to lie in its streams."""
    numbers = {number for known in reader.xref.values() for number in known}
    left = [reader.get_object(one) for one in sorted(numbers | set(reader.xref_objStm))]
    while left:
        found = left.pop()  # what it refers to is in the list by itself
        if isinstance(found, NameObject):
            yield str(found)
        elif isinstance(found, dict):
            left += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            left += list(found)


def _pdf(data: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(data), strict=True)
    text = "".join(page.extract_text() for page in reader.pages)
    if SUM_DONE in text or "root:x:" in text:
        yield "words were run"
    for name in sorted(PDF_ACTIONS.intersection(_names_of(reader))):
        yield f"it can act: {name}"
    for page in reader.pages:
        for note in page.get("/Annots") or ():
            address = str(note.get_object().get("/A", {}).get("/URI", ""))
            if address and not address.startswith(("http://", "https://", "mailto:")):
                yield f"a link to {address[:60]}"


def _picture(data: bytes) -> Iterator[str]:
    Image.open(io.BytesIO(data)).verify()
    yield from ()


def _text(data: bytes) -> Iterator[str]:
    data.decode("utf-8", "strict")
    yield from ()


CHECKS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "text/html": _html,
    "text/csv": _csv,
    "text/calendar": _calendar,
    "application/pdf": _pdf,
    "json": _json,
    "xml": _xml,
    "image/": _picture,
    "text/": _text,
    "octet-stream": lambda data: iter(()),
    "zip": lambda data: iter(()),
}


def wrong_with_letter(letter: EmailMessage, known: set[str]) -> Iterator[str]:
    """Tell what is wrong with a letter; `known` are the headers that letters have."""
    if extra := {name.lower() for name in letter.keys()} - known:  # noqa: SIM118  # a header's
        yield f"headers of somebody else: {extra}"
    for name, value in letter.items():
        if "\n" in str(value) or "\r" in str(value) or CONTROLS.search(str(value)):
            yield f"{name} is broken: {str(value)[:80]!r}"
    if ELSEWHERE in str(letter["To"]):
        yield "it goes elsewhere"
    source = letter.as_bytes()
    if source.count(b"\nSubject:") + source.startswith(b"Subject:") > 1:
        yield "two subjects"
    for part in letter.walk():
        if part.get_content_maintype() == "text" and SUM_DONE in part.get_content():
            yield "a sum was done"

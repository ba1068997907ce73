"""XML feeds (RSS, Atom) as rows, one item at a time; entities and anything external are refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.sax import SAXException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from marketplace.core.i18n import _l
from marketplace.core.reading.report import NotThisKind
from marketplace.core.reading.table import Row

PART = 64 * 1024
LONGEST_ITEM = 1_000_000
ITEMS = {"item", "entry"}
ROOTS = {"rss", "feed", "rdf"}
TOO_LONG = _l("The item is too long.")
XHTML = "http://www.w3.org/1999/xhtml"
GOOGLE = "http://base.google.com/"


class _Items(ContentHandler):
    """Collects items; what repeats in one is joined by line breaks, what nests by points.

    Elements of Google's namespace are called "g:...", so that both titles of an item are kept.
    """

    def __init__(self) -> None:
        super().__init__()
        self.root = ""
        self.done: list[Row] = []
        self._locator: Locator | None = None
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._cells: dict[str, str] | None = None
        self._line = 0
        self._size = 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  # the interface's name
        self._locator = locator

    def startElementNS(  # noqa: N802  # the interface's name
        self, name: tuple[str | None, str], _qname: str | None, attributes: AttributesNSImpl
    ) -> None:
        space, local = name
        if not self.root:
            self.root = local.lower()
            if self.root not in ROOTS:
                raise NotThisKind(_l("This XML file is not a product feed (RSS or Atom)."))
        if self._cells is None:
            if local in ITEMS:
                line = self._locator.getLineNumber() if self._locator else None
                self._cells, self._path, self._texts = {}, [], []
                self._line, self._size = line or 0, 0
            return
        if space == XHTML and self._path:
            return
        own = "g:" if (space or "").startswith(GOOGLE) else ""
        self._path.append(own + local.lower())
        self._texts.append([])
        href = attributes.get((None, "href"))
        if href and local == "link":
            self._texts[-1].append(href)

    def characters(self, content: str) -> None:
        if self._texts and self._cells is not None:
            self._size += len(content)
            if self._size <= LONGEST_ITEM:
                self._texts[-1].append(content)

    def endElementNS(self, name: tuple[str | None, str], _qname: str | None) -> None:  # noqa: N802  # same
        if self._cells is None:
            return
        space, local = name
        if not self._path:
            if local in ITEMS:
                trouble = TOO_LONG if self._size > LONGEST_ITEM else None
                self.done.append(Row(self._line, self._cells, trouble))
                self._cells = None
            return
        if space == XHTML:
            return
        column = ".".join(self._path)
        self._path.pop()
        text = "".join(self._texts.pop()).strip()
        if text and self._size <= LONGEST_ITEM:
            before = self._cells.get(column)
            self._cells[column] = f"{before}\n{text}" if before else text


def feed_rows(path: Path) -> Iterator[Row]:
    """Yield the items of a feed, each with the line it begins on.

    :raises NotThisKind: not XML, not a feed, broken, or with entities in it.
    """
    items = _Items()
    parser = make_parser()
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(items)
    items.setDocumentLocator(parser)  # only parse() would do it; feed() does not
    try:
        with path.open("rb") as file:
            yield from _fed(parser, items, file)
    except DefusedXmlException:
        raise NotThisKind(_l("The XML declares entities, which we do not read.")) from None
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: None)()
        raise NotThisKind(
            _l("The XML is broken at line %(line)s.", line=line if line is not None else "?")
        ) from None


def _fed(parser: object, items: _Items, file: IO[bytes]) -> Iterator[Row]:
    while part := file.read(PART):
        parser.feed(part)  # type: ignore[attr-defined]  # defusedxml's stubs know no incremental reader
        yield from items.done
        items.done.clear()
    parser.close()  # type: ignore[attr-defined]  # same
    yield from items.done

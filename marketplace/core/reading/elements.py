"""Large XML files as single elements, each with the line it begins on; entities are refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from marketplace.core.i18n import _l
from marketplace.core.reading.report import NotThisKind

PART = 64 * 1024
LONGEST = 2_000_000
MOST_INSIDE = 20_000
DEEPEST = 40
TOO_LARGE = _l("An object in this file is too large.")


@dataclass
class Node:
    """An element: its name, attributes, own text and children."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def all(self, *names: str) -> Iterator["Node"]:
        """Yield what stands at the end of a path of names."""
        found = [self]
        for name in names:
            found = [child for node in found for child in node.children if child.name == name]
        yield from found

    def to_json(self) -> list[Any]:  # Any: JSON, nested as the element
        """Return the same as JSON."""
        inside = [child.to_json() for child in self.children]
        return [self.name, self.attributes, self.text, inside]

    @classmethod
    def from_json(cls, told: list[Any]) -> "Node":  # Any: JSON
        """Return what `to_json` wrote."""
        name, attributes, text, inside = told
        return cls(name, attributes, text, [cls.from_json(child) for child in inside])


class _Elements(ContentHandler):
    """Collects the elements of one name that stand directly in the root."""

    def __init__(self, root: str, name: str) -> None:
        super().__init__()
        self.done: list[tuple[int, Node]] = []
        self._wanted = (root, name)
        self._locator: Locator | None = None
        self._open: list[Node] = []
        self._depth = self._line = self._size = self._count = 0

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802  # the interface's name
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # same
        root, wanted = self._wanted
        if self._depth == 0 and name != root:
            raise NotThisKind(_l("This XML file is not of a kind that we read."))
        self._depth += 1
        if not self._open and (self._depth, name) != (2, wanted):
            return
        node = Node(name, dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._line = (self._locator and self._locator.getLineNumber()) or 0
            self._size = self._count = 0
        self._open.append(node)
        self._count += 1
        self._grow(sum(len(value) for value in node.attributes.values()))
        if self._count > MOST_INSIDE or len(self._open) > DEEPEST:
            raise NotThisKind(TOO_LARGE)

    def characters(self, content: str) -> None:
        if self._open:
            self._grow(len(content))
            self._open[-1].text += content

    def endElement(self, _name: str) -> None:  # noqa: N802  # same
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self.done.append((self._line, node))

    def _grow(self, by: int) -> None:
        self._size += by
        if self._size > LONGEST:
            raise NotThisKind(TOO_LARGE)


def xml_elements(path: Path, root: str, name: str) -> Iterator[tuple[int, Node]]:
    """Yield the elements called `name` in the root element.

    :raises NotThisKind: not XML, another root, broken, with entities, or absurdly large.
    """
    elements = _Elements(root, name)
    parser = make_parser()
    parser.setContentHandler(elements)
    elements.setDocumentLocator(parser)  # only parse() would do it; feed() does not
    try:
        with path.open("rb") as file:
            while part := file.read(PART):
                parser.feed(part)
                yield from elements.done
                elements.done.clear()
        parser.close()
    except DefusedXmlException:
        raise NotThisKind(_l("The XML declares entities, which we do not read.")) from None
    except SAXException as error:
        line = getattr(error, "getLineNumber", lambda: None)()
        raise NotThisKind(
            _l("The XML is broken at line %(line)s.", line=line if line is not None else "?")
        ) from None
    yield from elements.done

"""Elements of XML in which people's words stay words."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from marketplace.projects.rules import without_controls

Attributes = Mapping[str, str]


def said(name: str, words: str, attributes: Attributes | None = None) -> str:
    """Return an element with words in it, as IATI wants them."""
    inside = f"<narrative>{_escaped(words)}</narrative>"
    return f"<{name}{_listed(attributes or {})}>{inside}</{name}>\n"


def element(name: str, attributes: Attributes | None = None, text: str = "") -> str:
    """Return an element with or without a text."""
    start = f"<{name}{_listed(attributes or {})}"
    return f"{start}>{_escaped(text)}</{name}>\n" if text else f"{start}/>\n"


def _listed(attributes: Attributes) -> str:
    return "".join(f" {name}={quoted(value)}" for name, value in attributes.items())


def _escaped(text: str) -> str:
    return escape(without_controls(text))


def quoted(text: str) -> str:
    """Return an attribute's value in its quotes."""
    return quoteattr(without_controls(text))

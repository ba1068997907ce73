"""Elements of SVG and HTML as safe text: the one place where the look marks anything as safe."""

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(name: str, attributes: dict[str, str | float], *children: str) -> Markup:
    """Return an element; values and children that are not marked as safe are escaped.

    Numbers are written with at most two decimals.
    """
    written = "".join(f' {key}="{escape(_text(value))}"' for key, value in attributes.items())
    body = "".join(escape(child) for child in children)
    return Markup(f"<{name}{written}>{body}</{name}>")  # noqa: S704  # every part is escaped above


def joined(elements: Iterable[str]) -> Markup:
    """Return elements one after the other."""
    return Markup("").join(elements)


def number(value: float) -> str:
    """Return a number with at most two decimals and no idle zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)

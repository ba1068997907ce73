"""Bars to scale: widths are SVG attributes in percent, so the strictest policy is content."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markupsafe import Markup

from marketplace.look.svg import element, joined

Part = tuple[str, int]
"""What a segment is (spent, paid, held, co, vat, fee) and how much, in minor units."""

NARROWEST_WITH_TEXT = 9
"""A stone of fewer percent shows no amount; it stands in the row below."""

GAP = 0.5
"""Percent between two stones."""


def percent(value: float) -> str:
    """Return a number for an SVG attribute, with at most three decimals."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def bar(
    parts: Sequence[Part],
    total: int,
    *,
    label: str = "",
    cls: str = "bar",
    height: int = 12,
    is_goal: bool = False,
) -> Markup:
    """Return a bar whose segments are true shares of a total; without a label it is decoration.

    Parts that exceed the total share the whole bar: it never runs over its edge.
    """
    fixed = tuple((kind, amount) for kind, amount in parts)
    return _bar(fixed, total, label=label, cls=cls, height=height, is_goal=is_goal)


@lru_cache(maxsize=2_048)
def _bar(
    parts: tuple[Part, ...], total: int, *, label: str, cls: str, height: int, is_goal: bool
) -> Markup:
    whole = max(total, sum(amount for _kind, amount in parts), 1)
    bed = {"class": "bar__goal" if is_goal else "bar__bed", "width": "100%", "height": "100%"}
    says: dict[str, str | float] = (
        {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    )
    return element(
        "svg",
        {"class": cls, **says, "width": "100%", "height": height},
        element("rect", {**bed, "rx": 2}),
        *_segments(parts, whole),
    )


def _segments(parts: Sequence[Part], whole: int) -> Iterator[Markup]:
    start = 0.0
    for kind, amount in parts:
        if amount <= 0:
            continue
        width = amount * 100 / whole
        place = {"x": percent(start), "width": percent(width), "height": "100%"}
        yield element("rect", {"class": f"bar__{kind}", **place, "rx": 1.5})
        start += width


def thin_bar(parts: Sequence[Part], total: int) -> Markup:
    """Return the thin bar of a card, whose figures stand beside it."""
    return bar(parts, total, cls="bar bar--thin", height=7)


def stage_bar(
    *, spent: int, unspent: int, held: int, goal: int, label: str, cls: str = "bar"
) -> Markup:
    """Return a project's bar: spent, paid out and not spent, held, out of the goal."""
    parts = [("spent", spent), ("paid", unspent), ("held", held)]
    return bar(parts, goal, label=label, cls=cls, is_goal=True)


def split_bar(amounts: Sequence[int], texts: Sequence[str]) -> Markup:
    """Return the stones that an amount is split into, to scale, with their texts."""
    return element(
        "svg",
        {
            "class": "splitbar",
            "width": "100%",
            "height": 44,
            "role": "img",
            "aria-label": ", ".join(texts),
            "data-splitbar": "",
        },
        joined(_stones(amounts, texts)),
    )


def _stones(amounts: Sequence[int], texts: Sequence[str]) -> Iterator[Markup]:
    total, start = max(sum(amounts), 1), 0.0
    for amount, text in zip(amounts, texts, strict=True):
        width = amount * 100 / total
        place = {"x": percent(start + GAP / 2), "width": percent(max(width - GAP, 0.2))}
        yield element("rect", {**place, "y": 1, "height": 42, "rx": 5})
        shown = text if width >= NARROWEST_WITH_TEXT else ""
        yield element("text", {"x": percent(start + width / 2), "y": 27}, shown)
        start += width

"""Bars to scale: widths are SVG attributes in percent, so the strictest policy is content."""

from collections.abc import Sequence

from markupsafe import Markup, escape

Part = tuple[str, int]
"""What a segment is (spent, paid, held, co, vat, fee, rest) and how much, in minor units."""


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
    """Return a bar whose segments are true shares of a total; without a label it is decoration."""
    drawn = [
        f'<rect class="{"bar__goal" if is_goal else "bar__bed"}" width="100%" height="100%" rx="2"/>'
    ]
    start, whole = 0.0, max(total, sum(amount for _kind, amount in parts), 1)
    for kind, amount in parts:
        if amount <= 0:
            continue
        width = amount * 100 / whole
        drawn.append(
            f'<rect class="bar__{kind}" x="{percent(start)}" width="{percent(width)}" '
            'height="100%" rx="1.5"/>'
        )
        start += width
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(
        f'<svg class="{cls}" {role} width="100%" height="{height}">{"".join(drawn)}</svg>'
    )


def thin_bar(parts: Sequence[Part], total: int) -> Markup:
    """Return the thin bar of a card, whose figures stand beside it."""
    return bar(parts, total, cls="bar bar--thin", height=7)


def stage_bar(
    *, spent: int, unspent: int, held: int, goal: int, label: str, cls: str = "bar"
) -> Markup:
    """Return a project's bar: spent, paid out and not spent, held, out of the goal."""
    return bar(
        [("spent", spent), ("paid", unspent), ("held", held)],
        goal,
        label=label,
        cls=cls,
        is_goal=True,
    )


NARROWEST_WITH_TEXT = 9
"""A stone of fewer percent shows no amount; it stands in the row below."""


def split_bar(amounts: Sequence[int], texts: Sequence[str]) -> Markup:
    """Return the stones that an amount is split into, to scale, with their texts."""
    total, start, drawn = max(sum(amounts), 1), 0.0, []
    for amount, text in zip(amounts, texts, strict=True):
        width = amount * 100 / total
        shown = escape(text) if width >= NARROWEST_WITH_TEXT else ""
        drawn.append(
            f'<rect x="{percent(start + 0.25)}" width="{percent(max(width - 0.5, 0.2))}" '
            f'y="1" height="42" rx="5"/><text x="{percent(start + width / 2)}" y="27">{shown}</text>'
        )
        start += width
    label = escape(", ".join(texts))
    return Markup(
        f'<svg class="splitbar" width="100%" height="44" role="img" aria-label="{label}" '
        f"data-splitbar>{''.join(drawn)}</svg>"
    )

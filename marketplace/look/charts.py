"""Charts as SVG, drawn here and never in the browser; each comes with the figures as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Write = Callable[[int], str]
"""How an amount is written on an axis or above a bar."""


@dataclass(frozen=True)
class Series:
    """Amounts in minor units, one for each label; `cls` is its class: in, paid, spent."""

    cls: str
    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class _Frame:
    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    is_narrow: bool

    def x(self, place: float, count: int) -> float:
        return self.left + (self.width - self.left - self.right) * place / max(count, 1)

    def y(self, value: float, most: float) -> float:
        return self.top + (self.height - self.top - self.bottom) * (1 - value / most)


WIDE = _Frame(860, 360, 64, 8, 20, 30, is_narrow=False)
NARROW = _Frame(360, 280, 58, 4, 12, 30, is_narrow=True)


def ticks(most: int) -> list[int]:
    """Return four or five round figures from zero to at least the largest."""
    step = 1
    while most / step > 5:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [step * place for place in range(int(-(-max(most, 1) // step)) + 1)]


def bar_chart(
    *, title: str, labels: Sequence[str], series: Sequence[Series], write: Write
) -> Markup:
    """Return stacked bars, one for each label, in a wide and a narrow drawing."""
    return Markup("").join(
        _drawing(frame, title, _stacks(frame, labels, series, write)) for frame in (WIDE, NARROW)
    )


def stepped_chart(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    write: Write,
    goal: int | None = None,
) -> Markup:
    """Return nested stepped areas of running totals, the largest first; the goal is a dotted line."""
    return Markup("").join(
        _drawing(frame, title, _areas(frame, labels, series, write, goal))
        for frame in (WIDE, NARROW)
    )


def _drawing(frame: _Frame, title: str, body: str) -> Markup:
    kind = "narrow" if frame.is_narrow else "wide"
    return Markup(
        f'<svg class="chart__{kind}" viewBox="0 0 {frame.width} {frame.height}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{body}</svg>'
    )


def _axis(frame: _Frame, figures: Sequence[int], write: Write) -> str:
    most = figures[-1]
    return "".join(
        f'<path class="{"axis" if figure else "base"}" d="M{frame.left} '
        f'{frame.y(figure, most):.1f}H{frame.width - frame.right}"/>'
        f'<text x="{frame.left - 8}" y="{frame.y(figure, most) + 4:.1f}" text-anchor="end">'
        f"{escape(write(figure))}</text>"
        for figure in figures
    )


def _names(frame: _Frame, labels: Sequence[str]) -> str:
    """Return as many labels as fit, the first among them."""
    every = max(1, -(-len(labels) // (4 if frame.is_narrow else 12)))
    return "".join(
        f'<text x="{frame.x(place + 0.5, len(labels)):.1f}" y="{frame.height - frame.bottom + 19}" '
        f'text-anchor="middle">{escape(label)}</text>'
        for place, label in enumerate(labels)
        if place % every == 0
    )


def _stacks(frame: _Frame, labels: Sequence[str], series: Sequence[Series], write: Write) -> str:
    totals = [sum(one.values[place] for one in series) for place in range(len(labels))]
    figures = ticks(max(totals, default=0))
    body = [_axis(frame, figures, write), _names(frame, labels)]
    width = frame.x(1, len(labels)) - frame.x(0, len(labels))
    for place, total in enumerate(totals):
        start, left = 0, frame.x(place, len(labels)) + width * 0.14
        for one in series:
            value = one.values[place]
            if value <= 0:
                continue
            low, high = frame.y(start, figures[-1]), frame.y(start + value, figures[-1])
            gap = 1.5 if start + value < total else 0
            body.append(
                f'<rect class="a-{one.cls}" x="{left:.1f}" y="{high:.1f}" '
                f'width="{width * 0.72:.1f}" height="{max(low - high - gap, 0.5):.1f}" rx="2"/>'
            )
            start += value
    return "".join(body)


def _areas(
    frame: _Frame,
    labels: Sequence[str],
    series: Sequence[Series],
    write: Write,
    goal: int | None,
) -> str:
    most = max([goal or 0, *(max(one.values, default=0) for one in series)])
    figures, count = ticks(most), len(labels)
    body = [_axis(frame, figures, write), _names(frame, labels)]
    if goal:
        body.append(
            f'<path class="goal" d="M{frame.left} {frame.y(goal, figures[-1]):.1f}'
            f'H{frame.width - frame.right}"/>'
        )
    for one in series:
        steps = "".join(
            f"V{frame.y(value, figures[-1]):.1f}H{frame.x(place + 1, count):.1f}"
            for place, value in enumerate(one.values)
        )
        ground = f"{frame.y(0, figures[-1]):.1f}"
        body.append(f'<path class="a-{one.cls}" d="M{frame.left} {ground}{steps}V{ground}z"/>')
    return "".join(body)

"""Charts as SVG, drawn here and never in the browser; each comes with the figures as a table.

Each is drawn twice, for wide and for narrow places, so that its letters never shrink; the style
sheet shows the one that fits. What was drawn is kept: the same figures give the same picture.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup

from marketplace.look.svg import element, joined, number

Write = Callable[[int], str]
"""How an amount is written on an axis, beside a line or above a bar; equal ones write alike."""

MOST_KEPT = 512
"""So many drawings a process keeps."""
MOST_STEPS = 5
BAR = 0.72
"""The part of its month's width that a bar fills."""


@dataclass(frozen=True)
class Series:
    """Amounts in minor units, one for each label; `cls` is its class: in, paid, spent."""

    cls: str
    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Mark:
    """Something finished, as a numbered stone on the axis at `place` (0 is the first label)."""

    place: float
    text: str


@dataclass(frozen=True)
class _Frame:
    """A drawing's measures in pixels, what it counts and how it writes that."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    most_labels: int
    is_narrow: bool
    count: int = 1
    most: int = 1
    write: Write = str

    @property
    def end(self) -> int:
        return self.width - self.right

    @property
    def ground(self) -> float:
        return self.y(0)

    def x(self, place: float) -> float:
        return self.left + (self.end - self.left) * place / max(self.count, 1)

    def y(self, value: float) -> float:
        return self.top + (self.height - self.top - self.bottom) * (1 - value / self.most)


WIDE = _Frame(860, 360, 72, 8, 22, 30, most_labels=12, is_narrow=False)
NARROW = _Frame(360, 290, 60, 4, 22, 30, most_labels=4, is_narrow=True)
ROOM_FOR_NAMES, BETWEEN_NAMES = 150, 40.0
FAR = 3
"""A goal so many times what came would leave a flat chart: it is told, and not drawn to scale."""
AROUND_FIGURE, FIGURE_WIDTH = 12, 7
"""Pixels beside a figure on the axis, and of one of its signs."""


def ticks(most: int) -> list[int]:
    """Return round figures (1, 2, 5 times a power of ten) from zero to at least the largest."""
    step = 1
    while most > step * MOST_STEPS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [step * place for place in range(-(-max(most, 1) // step) + 1)]


def bar_chart(
    *, title: str, labels: Sequence[str], series: Sequence[Series], write: Write
) -> Markup:
    """Return stacked bars, one for each label; the first of the series stands on the ground."""
    return _bars(title, tuple(labels), _fixed(series), write)


@lru_cache(maxsize=MOST_KEPT)
def _bars(title: str, labels: tuple[str, ...], series: tuple[Series, ...], write: Write) -> Markup:
    totals = [sum(values) for values in zip(*(one.values for one in series), strict=True)]
    figures = ticks(max(totals, default=0))
    return joined(
        _drawing(
            frame,
            title,
            _axis(frame, figures),
            _names(frame, labels),
            *(
                _stack(frame, place, [(one.cls, one.values[place]) for one in series])
                for place in range(len(totals))
            ),
        )
        for frame in _frames(len(labels), figures[-1], write)
    )


def stepped_chart(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    write: Write,
    goal: int | None = None,
    goal_text: str = "",
    marks: Sequence[Mark] = (),
) -> Markup:
    """Return nested stepped areas of running totals, the largest first; a goal is a dotted line."""
    return _areas(
        title=title,
        labels=tuple(labels),
        series=_fixed(series),
        write=write,
        goal=goal,
        goal_text=goal_text,
        marks=tuple(marks),
    )


@lru_cache(maxsize=MOST_KEPT)
def _areas(
    *,
    title: str,
    labels: tuple[str, ...],
    series: tuple[Series, ...],
    write: Write,
    goal: int | None,
    goal_text: str,
    marks: tuple[Mark, ...],
) -> Markup:
    most = max((max(one.values, default=0) for one in series), default=0)
    figures = ticks(goal if goal and most < goal <= (most * FAR or goal) else most)
    return joined(
        _drawing(
            frame,
            title,
            _axis(frame, figures),
            _names(frame, labels),
            _goal(frame, goal, goal_text) if goal else "",
            *(_area(frame, one) for one in series),
            *(_line(frame, one) for one in series),
            "" if frame.is_narrow else _leaders(frame, series),
            *(_stone(frame, mark) for mark in marks),
        )
        for frame in _frames(len(labels), figures[-1], write, beside=ROOM_FOR_NAMES)
    )


def _fixed(series: Sequence[Series]) -> tuple[Series, ...]:
    """Return series whose values can't change: what a drawing is kept under."""
    return tuple(replace(one, values=tuple(one.values)) for one in series)


def _frames(count: int, most: int, write: Write, *, beside: int = 0) -> Iterator[_Frame]:
    """Return the two frames; `beside` is the room right of the wide one for names."""
    named = AROUND_FIGURE + FIGURE_WIDTH * len(write(most))  # long amounts need more room
    for frame, right in ((WIDE, max(WIDE.right, beside)), (NARROW, NARROW.right)):
        left = max(frame.left, named)
        yield replace(frame, count=count, most=most, write=write, left=left, right=right)


def _drawing(frame: _Frame, title: str, *body: str) -> Markup:
    return element(
        "svg",
        {
            "class": "chart__narrow" if frame.is_narrow else "chart__wide",
            "viewBox": f"0 0 {frame.width} {frame.height}",
            "role": "img",
            "aria-label": title,
        },
        element("title", {}, title),
        *body,
    )


def _path(cls: str, *commands: str | float) -> Markup:
    written = "".join(text if isinstance(text, str) else number(text) for text in commands)
    return element("path", {"class": cls, "d": written})


def _text(text: str, x: float, y: float, **attributes: str) -> Markup:
    named = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return element("text", {"x": float(x), "y": float(y), **named}, text)


def _axis(frame: _Frame, figures: Sequence[int]) -> Markup:
    return joined(
        _path("axis" if figure else "base", "M", frame.left, " ", y, "H", frame.end)
        + _text(frame.write(figure), frame.left - 8, y + 4, text_anchor="end")
        for figure, y in ((figure, frame.y(figure)) for figure in figures)
    )


def _names(frame: _Frame, labels: Sequence[str]) -> Markup:
    """Return as many labels as fit, the first among them."""
    every = max(1, -(-len(labels) // frame.most_labels))
    return joined(
        _text(labels[place], frame.x(place + 0.5), frame.ground + 19, text_anchor="middle")
        for place in range(0, len(labels), every)
    )


def _stack(frame: _Frame, place: int, parts: Sequence[tuple[str, int]]) -> Markup:
    """Return one bar; what lies above a segment leaves a gap to it."""
    across = frame.x(1) - frame.x(0)
    left, start, total = frame.x(place + (1 - BAR) / 2), 0, sum(value for _cls, value in parts)
    drawn = Markup("")
    for cls, value in parts:
        if value <= 0:
            continue
        low, high = frame.y(start), frame.y(start + value)
        tall = max(low - high - (1.5 if start + value < total else 0), 0.5)
        shape = {"x": left, "y": high, "width": across * BAR, "height": tall, "rx": 2}
        drawn += element("rect", {"class": "a-in edge" if cls == "in" else f"a-{cls}", **shape})
        start += value
    if total and not frame.is_narrow:
        middle = left + across * BAR / 2
        drawn += _text(
            frame.write(total), middle, frame.y(total) - 7, class_="t-strong", text_anchor="middle"
        )
    return drawn


def _steps(frame: _Frame, values: Sequence[int]) -> list[str | float]:
    """Return a line that runs flat and rises at the end of each label."""
    commands: list[str | float] = []
    for place, value in enumerate(values):
        commands += ["V", frame.y(value), "H", frame.x(place + 1)]
    return commands


def _area(frame: _Frame, series: Series) -> Markup:
    edge = f"{frame.left} {number(frame.ground)}"
    steps = _steps(frame, series.values)
    return _path(f"a-{series.cls}", "M", edge, *steps, "V", frame.ground, "z")


def _line(frame: _Frame, series: Series) -> Markup:
    """Return the upper edge of an area: the gap between two, or the edge that lichen must have."""
    if not series.values:
        return Markup("")
    start = f"{frame.left} {number(frame.y(series.values[0]))}"
    cls = "l-in" if series.cls == "in" else "l-gap"
    return _path(cls, "M", start, *_steps(frame, series.values)[2:])


def _goal(frame: _Frame, goal: int, text: str) -> Markup:
    """Return the goal's line; of one far above the drawing only where it lies."""
    if goal > frame.most:
        return _text(f"↑ {text}", frame.left + 2, frame.top + 14, class_="t-strong")
    line = _path("goal", "M", frame.left, " ", frame.y(goal), "H", frame.end)
    return line + _text(text, frame.left + 2, frame.y(goal) - 7, class_="t-strong")


def _leaders(frame: _Frame, series: Sequence[Series]) -> Markup:
    """Return each amount of today and its name, beside the end of its line, none over another."""
    drawn, right = Markup(""), frame.end
    ends = [(one, one.values[-1]) for one in series if one.values]
    heights = _apart([frame.y(amount) - 12 for _one, amount in ends], frame.ground + 4)
    for (one, amount), beside in zip(ends, heights, strict=True):
        bend = ("L", right + 16, " ", beside, "H", right + 22)
        drawn += _path("lead", "M", right + 3, " ", frame.y(amount), *bend)
        drawn += _text(frame.write(amount), right + 27, beside + 1, class_="t-strong")
        drawn += _text(one.name, right + 27, beside + 17)
    return drawn


def _apart(wanted: Sequence[float], lowest: float) -> list[float]:
    """Return heights near those wanted, downwards, so that texts of two lines do not touch."""
    places: list[float] = []
    for height in wanted:
        places.append(max([height, *(one + BETWEEN_NAMES for one in places[-1:])]))
    last = len(places) - 1
    return [min(one, lowest - BETWEEN_NAMES * (last - at)) for at, one in enumerate(places)]


def _stone(frame: _Frame, mark: Mark) -> Markup:
    x, y = frame.x(mark.place + 0.5), frame.ground
    shape = {"x": x - 10, "y": y - 23, "width": 20, "height": 16, "rx": 4}
    return element("rect", {"class": "mark", **shape}) + _text(
        mark.text, x, y - 11, class_="mark-t", text_anchor="middle"
    )

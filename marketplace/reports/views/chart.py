"""The bars of the months for paper, with their colours in them: paper has no stylesheet."""

from collections.abc import Sequence

from markupsafe import escape

from marketplace.core.web.texts import plain_money
from marketplace.look.charts import ticks
from marketplace.reports.rules import Figure, Group

WIDTH, HEIGHT = 680, 250
LEFT, TOP, GROUND = 74, 22, 222
INK, SOFT, RULE = "#17262B", "#46575C", "#D8DBD6"
PAID, HELD, EDGE = "#528F8E", "#F4BE3D", "#8A5D00"
FONT = 'font-family="Instrument Sans"'


def paper_chart(months: Sequence[Group], currency: str) -> str:
    """Return stacked bars as SVG: paid out on the ground, held above."""
    totals = [max(month[Figure.GIVEN], 0) for month in months]
    scale = ticks(max(totals))
    most = scale[-1]

    def y(minor: int) -> float:
        return GROUND - (GROUND - TOP) * minor / most

    drawn = [_line(y(minor), plain_money(minor, currency)) for minor in scale]
    width = (WIDTH - LEFT) / len(months)
    for place, (month, total) in enumerate(zip(months, totals, strict=True)):
        left = LEFT + place * width + width * 0.14
        start = 0
        for minor, fill in _segments(month):
            if minor <= 0:
                continue
            high, low = y(start + minor), y(start)
            edge = f' stroke="{EDGE}"' if fill == HELD else ""
            drawn.append(
                f'<rect x="{left:.1f}" y="{high:.1f}" width="{width * 0.72:.1f}" '
                f'height="{max(low - high - 1, 0.5):.1f}" rx="2" fill="{fill}"{edge}/>'
            )
            start += minor
        middle = left + width * 0.36
        label = f"{month.of[5:]}/{month.of[2:4]}"
        drawn.append(_text(label, (middle, GROUND + 18), f'fill="{SOFT}" text-anchor="middle"'))
        if total and len(months) <= 13:
            figure = f"{total / 100:,.0f}"
            strong = f'fill="{INK}" text-anchor="middle" font-weight="600"'
            drawn.append(_text(figure, (middle, y(total) - 6), strong))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{''.join(drawn)}</svg>"
    )


def _segments(month: Group) -> list[tuple[int, str]]:
    if Figure.PAID not in month.amounts:
        return [(month[Figure.GIVEN], HELD)]
    return [
        (month[Figure.PAID], PAID),
        (month[Figure.GIVEN] - month[Figure.PAID], HELD),
    ]


def _line(y: float, text: str) -> str:
    line = f'<path d="M{LEFT} {y:.1f}H{WIDTH}" stroke="{RULE}" stroke-width="1"/>'
    return line + _text(text, (LEFT - 8, y + 4), f'fill="{SOFT}" text-anchor="end"')


def _text(text: str, at: tuple[float, float], look: str) -> str:
    x, y = at
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" {FONT} {look}>{escape(text)}</text>'

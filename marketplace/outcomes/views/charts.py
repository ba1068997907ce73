"""How an indicator went, as a drawing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from marketplace.core.i18n import _
from marketplace.core.web.languages import current_language
from marketplace.core.web.texts import number, short_day
from marketplace.look.charts import Series, bar_chart
from marketplace.outcomes.queries import Told

FEWEST_FOR_A_CHART = 2
MOST_BARS = 24
SCALE = 10_000
"""Charts draw whole numbers: values have at most four decimals."""


def chart(told: Told) -> Markup | None:
    """Draw what has added up, or the state on each day; None where there is too little."""
    values, heights = told.values[-MOST_BARS:], told.heights[-MOST_BARS:]
    if len(values) < FEWEST_FOR_A_CHART or min(heights) < 0:
        return None
    indicator = told.indicator
    return bar_chart(
        title=_("%(what)s over time, in %(unit)s", what=indicator.title, unit=indicator.unit),
        labels=[_day(one.measured_on) for one in values],
        series=[Series("done", indicator.title, [int(height * SCALE) for height in heights])],
        write=_Scaled(current_language()),
    )


@dataclass(frozen=True)
class _Scaled:
    """Writes values in a language."""

    language: str

    def __call__(self, scaled: int) -> str:
        return number(Decimal(scaled) / SCALE, self.language)


def _day(day: date) -> str:
    return f"{short_day(day)} {day:%y}"

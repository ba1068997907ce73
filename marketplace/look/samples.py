"""Made-up figures for the page that shows every component."""

from collections.abc import Iterator, Sequence
from typing import Any

from marketplace.look.charts import Mark, Series

COLOURS = (
    ("paper", "paper"),
    ("sheet", "sheet"),
    ("sand", "sand: evidence"),
    ("tint", "tint: dialogue"),
    ("ink", "ink"),
    ("ink-2", "ink 2"),
    ("ink-3", "ink 3"),
    ("tide", "tide: action"),
    ("tide-mid", "tide mid: paid out"),
    ("spent", "spent"),
    ("lichen", "lichen: routed money only"),
    ("good", "good"),
    ("bad", "bad"),
    ("focus", "focus"),
)

PRODUCTS = (
    ("throw", "samphire", "Undyed wool throw", "Tessitura Arbosca, Biella", 12932, 848),
    ("cups", "heather", "Espresso cups, pair", "Fornace Delmira, Grottaglie", 2928, 120),
    ("notebook", "flax", "Stitched notebook", "Papeterie Vaubrun, Annonay", 1708, 168),
    ("tote", "tidal", "Sailcloth tote", "Voilerie Kerguen, Douarnenez", 5900, 500),
)

MONTHS = ("Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan")
MONEY_IN = (41000, 88020, 150400, 196310, 301870, 402290, 530010, 640890, 801120, 960480)
PAID_OUT = (0, 40000, 85000, 150000, 190000, 300000, 400000, 520000, 640000, 800000)
SPENT = (0, 0, 36420, 92180, 150110, 196300, 330870, 401280, 552000, 690120)
LATE = {"in": (1170000, 1348260), "paid": (950000, 1226810), "spent": (880410, 1090435)}


def write_euros(minor: int) -> str:
    """Return an amount without cents, as axes show it."""
    return f"€{minor // 100:,}"


def running() -> list[Series]:
    """Return running totals, the largest first."""
    return [
        Series("in", "Money in", MONEY_IN + LATE["in"]),
        Series("paid", "Paid out", PAID_OUT + LATE["paid"]),
        Series("spent", "Spent, with receipts", SPENT + LATE["spent"]),
    ]


def monthly() -> list[Series]:
    """Return what became of each month's money, the lowest first."""
    into, paid, spent = running()
    grown = [later - before for before, later in _pairs(into.values)]
    done = [min(amount, spent.values[-1] // 12) for amount in grown]
    moved = [(amount - part) // 2 for amount, part in zip(grown, done, strict=True)]
    held = [a - b - c for a, b, c in zip(grown, done, moved, strict=True)]
    return [
        Series("spent", spent.name, done),
        Series("paid", paid.name, moved),
        Series("in", "Held", held),
    ]


def _pairs(values: Sequence[int]) -> Iterator[tuple[int, int]]:
    return zip((0, *values[:-1]), values, strict=True)


def rows(series: Sequence[Series]) -> list[tuple[str, list[str]]]:
    """Return the figures of a chart as the rows of its table."""
    return [
        (month, [write_euros(one.values[place]) for one in series])
        for place, month in enumerate(MONTHS)
    ]


def everything() -> dict[str, Any]:  # Any: what Jinja is given
    """Return all samples under the names that the page uses."""
    return {
        "colours": COLOURS,
        "products": PRODUCTS,
        "months": MONTHS,
        "running": running(),
        "running_rows": rows(running()),
        "monthly": monthly(),
        "monthly_rows": rows(monthly()),
        "marks": [Mark(2.6, "1"), Mark(5.4, "2"), Mark(8.3, "3")],
        "write": write_euros,
    }

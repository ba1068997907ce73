"""What a report says: its figures, and how they are written down when it is published."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast


class Figure(enum.StrEnum):
    """A figure whose entries can be opened."""

    SALES = "sales"
    RETURNED = "returned"
    GIVEN = "given"
    TOP_UP = "top_up"


@dataclass(frozen=True)
class ProjectFigure:
    """What one project was given in the period."""

    slug: str
    title: str
    amount_minor: int
    entries: int


@dataclass(frozen=True)
class MonthFigure:
    """What was given in one month: "2026-03"."""

    month: str
    amount_minor: int


@dataclass(frozen=True)
class Figures:
    """A company's figures for a period, in minor units; definitions in docs/reports.md."""

    sales_minor: int
    returned_minor: int
    orders: int
    given_minor: int
    pending_minor: int
    confirmed_minor: int
    top_up_minor: int
    projects: Sequence[ProjectFigure]
    months: Sequence[MonthFigure]

    @property
    def kept_sales_minor(self) -> int:
        """Return the sales that stayed sold."""
        return self.sales_minor - self.returned_minor

    def to_json(self) -> dict[str, object]:
        """Return what is kept with a published report."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Figures:
        """Return the figures of a published report."""
        told = dict(cast("Mapping[str, Any]", kept))  # Any: JSON of our own making
        told["projects"] = [ProjectFigure(**one) for one in told["projects"]]
        told["months"] = [MonthFigure(**one) for one in told["months"]]
        return cls(**told)


def rows_of(figures: Figures) -> list[tuple[str, str, int]]:
    """Return every figure as (what, of what, amount), the same in CSV, JSON and PDF."""
    rows = [
        ("sales", "", figures.sales_minor),
        ("returned", "", figures.returned_minor),
        ("given", "", figures.given_minor),
        ("given, pending", "", figures.pending_minor),
        ("given, confirmed", "", figures.confirmed_minor),
        ("shoppers' own gifts", "", figures.top_up_minor),
    ]
    rows += [("given to project", one.title, one.amount_minor) for one in figures.projects]
    rows += [("given in month", one.month, one.amount_minor) for one in figures.months]
    return rows

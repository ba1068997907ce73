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
    KEPT = "kept"
    NET_SALES = "net_sales"
    VAT = "vat"
    GIVEN = "given"
    PENDING = "pending"
    CONFIRMED = "confirmed"
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
    net_sales_minor: int | None = None
    """What stayed sold, without VAT; None in a report that was published before this was told."""

    @property
    def kept_sales_minor(self) -> int:
        """Return the sales that stayed sold, VAT included."""
        return self.sales_minor - self.returned_minor

    @property
    def vat_minor(self) -> int | None:
        """Return the VAT in what stayed sold."""
        if self.net_sales_minor is None:
            return None
        return self.kept_sales_minor - self.net_sales_minor

    def of(self, figure: Figure) -> int | None:
        """Return one figure by its name."""
        return {
            Figure.SALES: self.sales_minor,
            Figure.RETURNED: self.returned_minor,
            Figure.KEPT: self.kept_sales_minor,
            Figure.NET_SALES: self.net_sales_minor,
            Figure.VAT: self.vat_minor,
            Figure.GIVEN: self.given_minor,
            Figure.PENDING: self.pending_minor,
            Figure.CONFIRMED: self.confirmed_minor,
            Figure.TOP_UP: self.top_up_minor,
        }[figure]

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
        ("sales that stayed", "", figures.kept_sales_minor),
    ]
    if figures.net_sales_minor is not None and figures.vat_minor is not None:
        rows += [
            ("net sales, without VAT", "", figures.net_sales_minor),
            ("VAT", "", figures.vat_minor),
        ]
    rows += [
        ("given", "", figures.given_minor),
        ("given, pending", "", figures.pending_minor),
        ("given, confirmed", "", figures.confirmed_minor),
        ("shoppers' own gifts", "", figures.top_up_minor),
    ]
    rows += [("given to project", one.title, one.amount_minor) for one in figures.projects]
    rows += [("given in month", one.month, one.amount_minor) for one in figures.months]
    return rows

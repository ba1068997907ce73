"""The figures of a report: each is the sum of one query over the entries (docs/reports.md)."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast


class Figure(enum.StrEnum):
    """The id of a query whose entries can be opened."""

    SALES = "sales"
    RETURNED = "returned"
    KEPT = "kept"
    VAT = "vat"
    NET_SALES = "net_sales"
    NET_SOLD = "net_sold"
    """What was sold, without VAT, before returns: the base of the pledge."""
    NET_RETURNED = "net_returned"
    PIECES_SOLD = "pieces_sold"
    PIECES = "pieces"
    """What stayed sold, in pieces."""
    ORDERS = "orders"
    PROMISED = "promised"
    """What was given at the purchases, before returns."""
    TAKEN_BACK = "taken_back"
    GIVEN = "given"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PAID = "paid"
    """Of what is confirmed, what the projects have; first confirmed, first paid."""
    TOP_UP = "top_up"
    MATCH = "match"
    POOLS = "pools"
    """What the company's own matching pools added to anybody's orders."""


COUNTS = frozenset({Figure.PIECES_SOLD, Figure.PIECES, Figure.ORDERS})
"""What is counted and is not money."""


class By(enum.StrEnum):
    """What a figure is grouped by."""

    ALL = "all"
    PROJECT = "project"
    MONTH = "month"
    GOAL = "goal"
    COUNTRY = "country"
    PRODUCT = "product"
    TERMS = "terms"
    """The promise that a sale was made under: a share (`bp:800`) or an amount (`unit:500`)."""
    TARGET = "target"
    """An official target of the goals: what goes to a project that names several is split in equal
    parts among them, so that every cent stands under one."""
    POOL = "pool"
    """A matching pool of the company."""


_OF_GIFTS = (Figure.GIVEN, Figure.PENDING, Figure.CONFIRMED, Figure.PAID)
STORED: Mapping[By, Sequence[Figure]] = {
    By.ALL: tuple(Figure),
    By.PROJECT: (*_OF_GIFTS, Figure.ORDERS),
    By.MONTH: _OF_GIFTS,
    By.GOAL: _OF_GIFTS,
    By.COUNTRY: _OF_GIFTS,
    By.PRODUCT: (Figure.PIECES, Figure.NET_SALES, Figure.GIVEN),
    By.TERMS: (
        Figure.PIECES_SOLD,
        Figure.NET_SOLD,
        Figure.PROMISED,
        Figure.TAKEN_BACK,
        Figure.GIVEN,
    ),
    By.TARGET: _OF_GIFTS,
    By.POOL: (Figure.POOLS,),
}
"""Which figures a report tells, by what they are grouped."""


@dataclass(frozen=True)
class Row:
    """One figure as it was taken."""

    figure: str
    by: str
    of: str
    """Which project, month, ...; empty for all."""
    label: str
    """What people call it: the title that the project or product had."""
    amount: int
    """In minor units; pieces or orders where the figure counts those."""


@dataclass(frozen=True)
class Group:
    """The figures of one project, month, product, ..."""

    of: str
    label: str
    amounts: Mapping[str, int]

    def __getitem__(self, figure: str) -> int:
        """Return a figure of it; nothing of something is zero."""
        return self.amounts.get(figure, 0)


@dataclass(frozen=True)
class Terms:
    """A promise that sales were made under, and what it came to."""

    of: str
    pieces: int
    base_minor: int
    promised_minor: int
    taken_back_minor: int
    given_minor: int

    @property
    def share_bp(self) -> int | None:
        """Return the share of the price without VAT, where it is one."""
        kind, _colon, value = self.of.partition(":")
        return int(value) if kind == "bp" else None

    @property
    def unit_minor(self) -> int | None:
        """Return the amount for each piece, where it is one."""
        kind, _colon, value = self.of.partition(":")
        return int(value) if kind == "unit" else None

    @property
    def reckoned_minor(self) -> int:
        """Return what the promise makes of the sum: rounded once, not on each line."""
        if self.unit_minor is not None:
            return self.unit_minor * self.pieces
        return (self.base_minor * (self.share_bp or 0) * 2 + 10_000) // 20_000

    @property
    def difference_minor(self) -> int:
        """Return how much more was given at the purchases than the promise makes of the sum."""
        return self.promised_minor - self.reckoned_minor

    @property
    def rounding_minor(self) -> int:
        """Return what rounding a share on each line of an order makes more, or less."""
        return self.difference_minor if self.unit_minor is None else 0

    @property
    def cap_minor(self) -> int:
        """Return what was not given because no piece gives more than its price without VAT."""
        return 0 if self.unit_minor is None else self.difference_minor


class Figures:
    """All figures of a version of a report."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = list(rows)
        self._amounts = {(row.figure, row.by, row.of): row.amount for row in self.rows}

    def __eq__(self, other: object) -> bool:
        """Say whether the same is told; the order of it does not matter."""
        return isinstance(other, Figures) and self._amounts == other._amounts

    __hash__ = None  # type: ignore[assignment]  # it holds a list

    def find(self, figure: str, by: str = By.ALL, of: str = "") -> int | None:
        """Return a figure; None where the version does not tell it."""
        return self._amounts.get((figure, by, of))

    def __getitem__(self, figure: str) -> int:
        """Return a figure over all, zero where it is not told."""
        return self._amounts.get((figure, By.ALL, ""), 0)

    def __contains__(self, figure: str) -> bool:
        """Say whether a figure over all is told."""
        return (figure, By.ALL, "") in self._amounts

    def by(self, by: By) -> list[Group]:
        """Return the groups of one kind, in the order in which they were taken."""
        groups: dict[str, tuple[str, dict[str, int]]] = {}
        for row in self.rows:
            if row.by == by:
                groups.setdefault(row.of, (row.label, {}))[1][row.figure] = row.amount
        return [Group(of, label, amounts) for of, (label, amounts) in groups.items()]

    def terms(self) -> list[Terms]:
        """Return the promises that the sales were made under, the greatest first."""
        found = [
            Terms(
                one.of,
                one[Figure.PIECES_SOLD],
                one[Figure.NET_SOLD],
                one[Figure.PROMISED],
                one[Figure.TAKEN_BACK],
                one[Figure.GIVEN],
            )
            for one in self.by(By.TERMS)
        ]
        return sorted(found, key=lambda one: -one.promised_minor)

    def tells(self, figure: str, by: By) -> bool:
        """Say whether a figure is told by these groups: reports of old tell less."""
        return any((row.figure, row.by) == (figure, by) for row in self.rows)

    def per_piece(self) -> int | None:
        """Return what was given for each piece that stayed sold, rounded half up."""
        pieces = self[Figure.PIECES]
        return (2 * self[Figure.GIVEN] + pieces) // (2 * pieces) if pieces > 0 else None

    def to_json(self) -> list[dict[str, object]]:
        """Return what is kept with a version."""
        return [asdict(row) for row in self.rows]

    @classmethod
    def from_json(cls, kept: Iterable[Mapping[str, object]]) -> Figures:
        """Return the figures of a version."""
        rows = cast("Iterable[Mapping[str, Any]]", kept)  # Any: JSON of our own making
        return cls(Row(**row) for row in rows)

"""What a later version, or the book, says otherwise."""

from dataclasses import dataclass

from marketplace.reports.rules.figures import Figure, Figures

LATE = frozenset(
    {
        Figure.SALES,
        Figure.RETURNED,
        Figure.NET_SALES,
        Figure.GIVEN,
        Figure.TOP_UP,
        Figure.MATCH,
        Figure.POOLS,
    }
)
"""What only changes when something is taken back, or told, later. That money is confirmed and paid
in time is no correction."""


SETTLES = frozenset({Figure.PENDING, Figure.CONFIRMED, Figure.PAID})
"""What becomes another figure by time alone."""


@dataclass(frozen=True)
class Change:
    """A figure that is another one now."""

    figure: str
    by: str
    of: str
    label: str
    old: int
    new: int

    @property
    def difference(self) -> int:
        """Return by how much it is more."""
        return self.new - self.old


def changes(old: Figures, new: Figures, only: frozenset[Figure] | None = None) -> list[Change]:
    """Return which figures differ, those over all first, as the new ones are ordered.

    What only one of both tells is zero in the other. `only` names the figures to look at.
    """
    keys: dict[tuple[str, str, str], str] = {}
    for figures in (new, old):
        for row in figures.rows:
            if only is None or row.figure in only:
                keys.setdefault((row.figure, row.by, row.of), row.label)
    found = [
        Change(*key, label, old.find(*key) or 0, new.find(*key) or 0) for key, label in keys.items()
    ]
    return [one for one in found if one.old != one.new]

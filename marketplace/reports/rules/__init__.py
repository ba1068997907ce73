"""What a report says: its figures by name, its parts, and how two of them are compared."""

from marketplace.reports.rules.figures import (
    COUNTS,
    STORED,
    By,
    Figure,
    Figures,
    Group,
    Row,
    Terms,
)
from marketplace.reports.rules.parts import LAST, NEEDED, PARTS, Part, address_of, moved
from marketplace.reports.rules.restating import LATE, Change, changes

__all__ = [
    "COUNTS",
    "LAST",
    "LATE",
    "NEEDED",
    "PARTS",
    "STORED",
    "By",
    "Change",
    "Figure",
    "Figures",
    "Group",
    "Part",
    "Row",
    "Terms",
    "address_of",
    "changes",
    "moved",
]

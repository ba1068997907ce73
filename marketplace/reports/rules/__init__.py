"""What a report says: its figures by name, its parts, and how two of them are compared."""

from marketplace.reports.rules.claims import WHOLE_PPM, elsewhere_ppm, part_of, share_ppm
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
from marketplace.reports.rules.restating import LATE, SETTLES, Change, changes

__all__ = [
    "COUNTS",
    "LAST",
    "LATE",
    "NEEDED",
    "PARTS",
    "SETTLES",
    "STORED",
    "WHOLE_PPM",
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
    "elsewhere_ppm",
    "moved",
    "part_of",
    "share_ppm",
]

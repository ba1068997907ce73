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
from marketplace.reports.rules.parts import (
    INPUTS,
    LAST,
    NEEDED,
    OWN_WORDS,
    PARTS,
    Part,
    address_of,
    completed,
    moved,
)
from marketplace.reports.rules.restating import LATE, SETTLES, Change, changes
from marketplace.reports.rules.standards import STANDARDS, Annex, Place, Point, Standard, found_in

__all__ = [
    "COUNTS",
    "INPUTS",
    "LAST",
    "LATE",
    "NEEDED",
    "OWN_WORDS",
    "PARTS",
    "SETTLES",
    "STANDARDS",
    "STORED",
    "WHOLE_PPM",
    "Annex",
    "By",
    "Change",
    "Figure",
    "Figures",
    "Group",
    "Part",
    "Place",
    "Point",
    "Row",
    "Standard",
    "Terms",
    "address_of",
    "changes",
    "completed",
    "elsewhere_ppm",
    "found_in",
    "moved",
    "part_of",
    "share_ppm",
]

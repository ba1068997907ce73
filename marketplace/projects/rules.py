"""Which project can be chosen, and how it is named in addresses."""

import enum

MOST_PHOTOS = 6
"""An update shows at most so many photos."""


class Sort(enum.StrEnum):
    """Orders of the list of projects."""

    NEWEST = "newest"
    GOAL = "goal"


PUBLIC_STATES = ("open", "full", "closed", "suspended")
"""States in which everybody may read a project's page; a proposed one is read by its owners."""

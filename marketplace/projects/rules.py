"""Which project can be chosen, and how it is named in addresses."""

import enum
import re

MOST_PHOTOS = 6
"""An update shows at most so many photos."""


class Sort(enum.StrEnum):
    """Orders of the list of projects."""

    NEWEST = "newest"
    GOAL = "goal"


PUBLIC_STATES = ("open", "full", "closed", "suspended")
"""States in which everybody may read a project's page; a proposed one is read by its owners."""

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def without_controls(text: str) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) does not allow."""
    return _NOT_IN_XML.sub("", text)
